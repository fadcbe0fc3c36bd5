import { expect, test } from 'vitest';
import type { SqlServer } from '../../src/server/sql-server.ts';
import { RunControl } from '../../src/verify/run/run-control.ts';
import { Throttle } from '../../src/verify/run/throttle.ts';

test('a run waits for a node that refuses every SELECT because it is not ready', async () => {
  const says = {
    cluster_status: 'Primary',
    cluster_state_uuid: 'u',
    local_state: '4',
    local_state_comment: 'Synced',
    ready: 'OFF',
  };
  const rows = Object.entries(says).map(([name, value]) => ({
    Variable_name: `wsrep_${name}`,
    Value: value,
  }));
  const server = {
    name: 'n3',
    facts: { cluster: 'galera', flavour: 'mariadb' },
    query: (sql: string) =>
      sql.startsWith('SHOW') ? Promise.resolve(rows) : Promise.reject(new Error('not yet prepared (1047)')),
  } as unknown as SqlServer;
  const control = new RunControl(60_000);
  const throttle = new Throttle({
    config: { maxLagMs: null, maxThreadsRunning: 1, maxFlowControl: 0.05 },
    servers: [server],
    lag: () => null,
    stopped: () => null,
    busy: () => null,
    control,
  });
  await throttle.start();
  expect(control.held).toEqual({
    by: 'throttle',
    why: 'n3: it is not ready (Synced)',
    since: expect.any(Number) as number,
  });
  throttle.stop();
});

test('a look that outlasts its run asks nothing of the pair, which may be gone with it', async () => {
  const answer = Promise.withResolvers<never[]>();
  const server = { name: 'n1', facts: null, query: () => answer.promise } as unknown as SqlServer;
  const gone = () => {
    throw new Error('no pair is named gone');
  };
  const throttle = new Throttle({
    config: { maxLagMs: 1, maxThreadsRunning: null, maxFlowControl: null },
    servers: [server],
    lag: gone,
    stopped: gone,
    busy: gone,
    control: new RunControl(60_000),
  });
  const looked = throttle.start();
  throttle.stop();
  answer.resolve([]);
  await expect(looked).resolves.toBeUndefined();
});
