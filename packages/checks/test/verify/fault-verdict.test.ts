import { expect, test } from 'vitest';
import { ServerFault } from '../../src/server/sql-server.ts';
import { explainFault } from '../../src/verify/run/fault-verdict.ts';

const name = { schema: 'shop', table: 'items' };

test('what an error quotes of an answer is cut', () => {
  const { reason } = explainFault(new SyntaxError(`Cannot convert ${'x'.repeat(10_000_000)}\n`), name);
  expect(reason.length).toBeLessThan(1_100);
});

test('a fault names its server once', () => {
  const reason = 'no answer within 500 ms';
  const named = new ServerFault('timeout', 'db2', `db2: ${reason}`, 0, { reason });
  expect(explainFault(named, name)).toEqual({ verdict: 'UNVERIFIED', reason: `time limit: db2: ${reason}` });
  const unnamed = new ServerFault('timeout', 'db2', reason);
  expect(explainFault(unnamed, name).reason).toBe(`time limit: db2: ${reason}`);
});

test.each([
  ['privilege', 1142, /^no privilege: .*; GRANT SELECT ON `shop`\.\* on db2 to Lockstep's account mends it$/],
  ['timeout', 3024, /^time limit: db2: it says so \(error 3024\)$/],
  ['statement', 1047, /^its cluster does not let it be read: db2: it says so \(error 1047\)$/],
  ['statement', 3101, /^its cluster does not let it be read: /],
  ['statement', 3100, /^its cluster does not let it be read: /],
  ['statement', 3797, /^its cluster does not let it be read: /],
  ['statement', 1213, /^db2 ends Lockstep's statements in favour of others: /],
  ['statement', 1317, /^somebody ends Lockstep's statements on db2 \(a kill policy such as pt-kill\?\): /],
] as const)('what a %s fault %i keeps from being read is unverified, and says why', (kind, errno, words) => {
  const reason = 'it says so';
  const fault = new ServerFault(kind, 'db2', `db2: ${reason}`, errno, { reason });
  expect(explainFault(fault, name)).toEqual({
    verdict: 'UNVERIFIED',
    reason: expect.stringMatching(words) as string,
  });
});

test.each(['connection', 'statement', 'client'] as const)(
  'a %s fault is an error, and no verdict of the data',
  (kind) => {
    const fault = new ServerFault(kind, 'db2', 'db2: it says so', 0);
    expect(explainFault(fault, name).verdict).toBe('ERROR');
  },
);
