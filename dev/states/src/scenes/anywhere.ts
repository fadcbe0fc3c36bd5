import { noTables } from '@lockstep/checks';
import { lagSample } from '@lockstep/fixture';
import type { Scene } from '../scene.ts';
import { ago, pair, server, shopTables } from '../seed.ts';

const balances =
  'each connection leads to another server (2 seen: db-7f3a:3306, db-91c0:3306): a name that balances; name instances';
const denied =
  'Access denied; you need (at least one of) the SLAVE MONITOR privilege(s) for this operation (1227)';
const blind =
  'has all changes of primary up to 240 ms ago; threads and filters of rds: not visible with this account';

export const anywhere: Scene = {
  shows: 'A name that leads to several servers in turn, and an account that may not see replication.',
  screens: {
    overview: { path: '/' },
    balanced: { path: '/pairs/readers' },
    blind: { path: '/pairs/rds' },
    settings: { path: '/settings' },
  },
  fill(engine) {
    engine.pairStates = [
      pair('readers', {
        state: 'unknown',
        evidence: `lag unknown: readers is not connected: ${balances}; next in 30 s`,
        lag: null,
        replication: null,
        tables: noTables,
      }),
      pair('rds', {
        evidence: `${blind}: ${denied}`,
        lag: lagSample('rds', { lagMs: 0, uncertaintyMs: 240, serverLagMs: null }),
        replication: null,
      }),
    ];
    engine.tableStates = shopTables('rds');
    engine.serverStates = [
      server('primary'),
      server('readers', {
        connection: 'disconnected',
        evidence: `connection lost: ${balances}; next in 30 s`,
        attempts: 1,
        lastContact: ago(1),
        readOnly: null,
      }),
      server('rds', {
        missingPrivileges: [
          {
            feature: 'replication status',
            grant: 'GRANT SLAVE MONITOR ON *.* TO `lockstep`@`%`',
            message: denied,
          },
        ],
      }),
    ];
  },
};
