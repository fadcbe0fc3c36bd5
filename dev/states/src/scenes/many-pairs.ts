import { type AlertRule, noTables, type PairState, type PairStateName } from '@lockstep/checks';
import type { Scene } from '../scene.ts';
import { firing, pair, server, shopTables, table } from '../seed.ts';
import { rules } from './alerts.ts';
import { states } from './pair-states.ts';

const count = 300;

/** One of so many is in this state; the others keep up. */
const every: Partial<Record<PairStateName, number>> = { broken: 97, stopped: 41, unknown: 29, lagging: 17 };
const oneOf = { different: 23, paused: 37 };

/** What is raised by it. */
const raised: Partial<Record<PairStateName, AlertRule>> = {
  broken: 'replication-broken',
  stopped: 'replication-stopped',
  unknown: 'lag-unknown',
  lagging: 'lag',
};

export const manyPairs: Scene = {
  shows:
    '300 pairs of one source, most of them well; 400 tables in the first, and an alert for whatever is not well.',
  screens: {
    overview: { path: '/', firstViewOnly: true },
    attention: { path: '/?show=attention', firstViewOnly: true },
    tables: { path: '/pairs/shard-001', firstViewOnly: true },
    alerts: { path: '/alerts', firstViewOnly: true },
    settings: { path: '/settings', firstViewOnly: true },
  },
  fill(engine) {
    engine.pairStates = Array.from({ length: count }, (_, i) => shard(i + 1));
    engine.serverStates = [server('primary'), ...engine.pairStates.map(({ target }) => server(target))];
    const [first, ...others] = engine.pairStates;
    if (first) {
      first.tables = { ...noTables, total: 400, match: 400 };
      engine.tableStates = Array.from({ length: 400 }, (_, i) => table(first.name, 'shop', `orders_${i}`));
    }
    engine.tableStates.push(...others.flatMap(({ name }) => shopTables(name)));
    engine.alertList = engine.pairStates.flatMap(({ name, state, evidence }) => {
      const rule = raised[state];
      return rule ? [firing(name, { ...rules[rule], rule, pair: name, evidence })] : [];
    });
  },
};

function shard(number: number): PairState {
  const name = `shard-${String(number).padStart(3, '0')}`;
  const found = Object.entries(every).find(([, nth]) => number % nth === 0)?.[0];
  const state = (found ?? 'in-sync') as PairStateName;
  const labels = {
    env: number % 3 === 0 ? 'test' : 'prod',
    team: ['shop', 'stock', 'mail'][number % 3] ?? 'shop',
  };
  const shard = pair(name, { state, labels, ...states[state](name), paused: number % oneOf.paused === 0 });
  if (number % oneOf.different !== 0) return shard;
  return { ...shard, tables: { ...noTables, total: 8, match: 6, different: 2 } };
}
