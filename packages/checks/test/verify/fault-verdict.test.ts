import { expect, test } from 'vitest';
import { ServerFault } from '../../src/server/sql-server.ts';
import { explainFault } from '../../src/verify/run/fault-verdict.ts';

const name = { schema: 'shop', table: 'items' };

test('a fault names its server once', () => {
  const reason = 'no answer within 500 ms';
  const named = new ServerFault('timeout', 'db2', `db2: ${reason}`, 0, { reason });
  expect(explainFault(named, name)).toEqual({ verdict: 'UNVERIFIED', reason: `time limit: db2: ${reason}` });
  const unnamed = new ServerFault('timeout', 'db2', reason);
  expect(explainFault(unnamed, name).reason).toBe(`time limit: db2: ${reason}`);
});
