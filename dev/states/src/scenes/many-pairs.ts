import type { PairState, Severity } from '@lockstep/checks';
import { alert, lagSample } from '@lockstep/fixture';
import type { Scene } from '../scene.ts';
import { ago, nothingKnown, pair, server, table } from '../seed.ts';

const count = 300;

/** One of so many is not well; the others keep up. */
const every = { lagging: 17, stopped: 41, unknown: 29, different: 23, paused: 37 };

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
    engine.tableStates = Array.from({ length: 400 }, (_, i) => table('shard-001', 'shop', `orders_${i}`));
    engine.alertList = engine.pairStates
      .filter(({ state }) => state !== 'in-sync')
      .map(({ name, state, evidence }) => {
        const severity: Severity = state === 'stopped' ? 'CRITICAL' : 'WARNING';
        return alert(name, { fingerprint: name, pair: name, severity, evidence, startedAt: ago(30) });
      });
  },
};

function shard(number: number): PairState {
  const name = `shard-${String(number).padStart(3, '0')}`;
  const is = (what: keyof typeof every) => number % every[what] === 0;
  const healthy = pair(name, { paused: is('paused') });
  if (is('stopped')) return { ...healthy, state: 'stopped', evidence: 'lag 8 min: the applier is stopped' };
  if (is('unknown'))
    return { ...healthy, state: 'unknown', evidence: `${name}: not reachable since 11:47:02 UTC`, lag: null };
  if (is('lagging')) {
    const lag = lagSample(name, { lagMs: 10_000 + number * 100, evidence: 'changes wait for the applier' });
    return { ...healthy, state: 'lagging', evidence: lag.evidence, lag };
  }
  if (is('different')) return { ...healthy, tables: { ...nothingKnown, total: 12, match: 10, different: 2 } };
  return healthy;
}
