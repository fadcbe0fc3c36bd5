import type { CheckKind, Run, RunState } from '@lockstep/checks';
import { run } from '@lockstep/fixture';
import { entries } from '../entries.ts';
import type { Scene } from '../scene.ts';
import { ago, pair, server, shopTables } from '../seed.ts';

const none = {
  tablesDone: 0,
  tablesTotal: 12,
  chunksDone: 0,
  rowsDone: 0,
  rowsEstimated: 0,
  rowsPerSecond: 0,
  remainingMs: null,
  current: null,
};
const half = {
  tablesDone: 5,
  tablesTotal: 12,
  chunksDone: 4120,
  rowsDone: 4_120_000,
  rowsEstimated: 9_000_000,
  rowsPerSecond: 21_400,
  remainingMs: 228_000,
  current: 'shop.order_lines',
};
const all = { ...half, tablesDone: 12, rowsDone: 9_000_000, remainingMs: 0, current: null };

const states: Record<RunState, Partial<Run>> = {
  queued: { evidence: 'waits for the run before it', progress: none, verdicts: {} },
  running: { evidence: 'comparing shop.order_lines', progress: half, verdicts: { MATCH: 4, DIFFERENT: 1 } },
  paused: { evidence: 'paused: lag 12 s ≥ 10 s', heldBy: 'throttle', progress: half, verdicts: { MATCH: 5 } },
  finished: { evidence: 'finished: 12 match', progress: all, finishedAt: ago(20), verdicts: { MATCH: 12 } },
  cancelled: { evidence: 'cancelled by anna', progress: half, finishedAt: ago(40), verdicts: { MATCH: 5 } },
  failed: {
    evidence: 'failed: primary: not reachable since 11:47:02 UTC: connect ECONNREFUSED 203.0.113.7:3306',
    progress: half,
    finishedAt: ago(60),
    verdicts: { MATCH: 5, ERROR: 7 },
  },
};

const checks: Record<CheckKind, Partial<Run>> = {
  checksum: {},
  consistency: { only: ['shop.orders', 'shop.order_lines'] },
};

const triggers: Record<Run['trigger'], Partial<Run>> = {
  schedule: { evidence: 'finished: 11 match, 1 different', verdicts: { MATCH: 11, DIFFERENT: 1 } },
  operator: { evidence: 'finished: 10 match, 2 unverified', verdicts: { MATCH: 10, UNVERIFIED: 2 } },
  cli: { evidence: 'finished: 11 match, 1 error', verdicts: { MATCH: 11, ERROR: 1 } },
};

export const runs: Scene = {
  shows: 'Runs of both checks in every state, from every trigger, with every way to end.',
  screens: {
    overview: { path: '/' },
    pair: { path: '/pairs/checksum-running' },
    ...Object.fromEntries(
      Object.keys(states).map((state) => [state, { path: `/pairs/checksum-${state}?tab=runs` }]),
    ),
    held: { path: '/pairs/held' },
    'all-runs': { path: '/pairs/past?tab=runs' },
  },
  fill(engine) {
    for (const [check, ofCheck] of entries(checks)) {
      for (const [state, ofState] of entries(states)) {
        const name = `${check}-${state}`;
        engine.pairStates.push(pair(name));
        engine.tableStates.push(
          ...shopTables(name).map((table) => ({
            ...table,
            checking: state === 'running' && table.table === 'order_lines',
          })),
        );
        engine.runList.push(
          run(name, { pair: name, check, state, startedAt: ago(65), ...ofCheck, ...ofState }),
          // Past runs of one pair, side by side; of each pair only one can be under way.
          ...(ofState.finishedAt
            ? [
                run(`past-${name}`, {
                  pair: 'past',
                  check,
                  state,
                  startedAt: ago(65),
                  ...ofCheck,
                  ...ofState,
                }),
              ]
            : []),
        );
      }
    }
    engine.pairStates.push(pair('held'), pair('past'));
    const held = { state: 'paused', heldBy: 'operator', evidence: 'paused: held by anna' } as const;
    engine.tableStates.push(...shopTables('held'));
    engine.runList.push(run('held', { pair: 'held', startedAt: ago(65), progress: half, ...held }));
    const found = { verdict: 'DIFFERENT', reason: '2 rows changed' } as const;
    const matched = { verdict: 'MATCH', reason: '80,000 rows compared, all the same' } as const;
    engine.changedTables = [
      { schema: 'shop', table: 'order_lines', now: found, before: matched },
      { schema: 'shop', table: 'returns', now: matched, before: null },
    ];
    for (const [trigger, more] of entries(triggers)) {
      engine.runList.push(
        run(`by-${trigger}`, {
          pair: 'past',
          state: 'finished',
          trigger,
          startedAt: ago(95),
          finishedAt: ago(80),
          progress: all,
          ...more,
        }),
      );
    }
    engine.serverStates = [server('primary'), ...engine.pairStates.map(({ target }) => server(target))];
  },
};
