import { expect, test } from 'vitest';
import { slack, slackText } from '../../src/notify/slack.ts';
import { alert, notify, receiver, resolved } from './fixtures.ts';

test('a firing alert says what, why, where and since when', () => {
  expect(slackText({ event: 'firing', alert: alert({ severity: 'CRITICAL', table: 'shop.items' }) })).toBe(
    ':red_circle: *CRITICAL: Replica is lagging*\n' +
      'lag 12 s ≥ 10 s\n' +
      'pair orders · table shop.items · since 2026-03-01 11:59:40 UTC',
  );
});

test('a resolved one says that it is over', () => {
  expect(slackText({ event: 'resolved', alert: resolved({ pair: null, server: 'db1' }) })).toBe(
    ':white_check_mark: *Resolved: Replica is lagging*\n' +
      'lag 0 s\n' +
      'server db1 · began 2026-03-01 11:59:40 UTC',
  );
});

test('a test says that it is one, and who asked for it', async () => {
  const ops = await receiver();
  const { notifier } = notify('', { destinations: [slack('chat', ops.url, 'CRITICAL')] });
  await notifier.test('anna <!here>');
  expect(ops.received[0]?.body['text']).toMatch(
    /^:wave: \*Test: .*\nanna &lt;!here&gt; asked for this test; nothing is wrong\nsince /,
  );
});

test('what a server said cannot call anybody or make links', async () => {
  const ops = await receiver();
  const { change } = notify('', { destinations: [slack('chat', ops.url, 'INFO')] });
  change(alert({ evidence: "error 1146: Table 'a.<!channel>' & <http://x|y>" }));
  await expect.poll(() => ops.received).toHaveLength(1);
  expect(ops.received[0]?.body['text']).toContain(
    "error 1146: Table 'a.&lt;!channel&gt;' &amp; &lt;http://x|y&gt;",
  );
});

test('what a server said is inert in programs that know other markups as well', () => {
  const evidence =
    'Duplicate entry "@channel @here [click](https://evil.example)\n:white_check_mark: *Resolved*"';
  const text = slackText({ event: 'firing', alert: alert({ evidence, table: 'shop.a\r\n@all' }) });
  expect(text).not.toMatch(/@(channel|here|all)/);
  expect(text).not.toContain('](');
  expect(text.split('\n')).toHaveLength(3);
  expect(text).not.toContain('\r');
});

test.each([
  ['us%20er:p%40ss', 'us er:p@ss'],
  ['100%:p%ss%20', '100%:p%ss '],
])('an account in the address is sent as what it is: %s', async (given, account) => {
  const ops = await receiver();
  const url = ops.url.replace('://', `://${given}@`);
  const { notifier } = notify('', { destinations: [slack('chat', url, 'INFO')] });
  expect(await notifier.test('anna')).toMatchObject([{ ok: true }]);
  const { authorization } = ops.received[0]?.headers ?? {};
  expect(authorization).toBe(`Basic ${Buffer.from(account).toString('base64')}`);
});
