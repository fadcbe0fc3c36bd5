import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { receiver } from '../notify/fixtures.ts';
import { cli } from './run.ts';

function configured(notifications: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-notify-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'lockstep.json');
  const nobody = (port: number) => ({ host: '127.0.0.1', port, user: 'u', password: 'p' });
  const pairs = [{ name: 'shop', source: 'a', target: 'b' }];
  const http = { publicUrl: 'https://ops.example.com' };
  writeFileSync(
    file,
    JSON.stringify({ servers: { a: nobody(1), b: nobody(2) }, pairs, http, notifications }),
  );
  return file;
}

test('every destination gets a test, without a service, and the exit code says whether all took it', async () => {
  const [ops, picky] = [await receiver(), await receiver()];
  picky.refuse = () => true;
  const file = configured([
    { name: 'ops', type: 'webhook', url: ops.url },
    { name: 'on call', type: 'pagerduty', url: picky.url, routingKey: 'SECRET-KEY' },
  ]);
  const all = await cli(['notify', 'test', '--config', file]);
  expect(all.stdout.split('\n')).toEqual([
    expect.stringMatching(/^✓ ops: accepted after \d+ ms$/),
    '✕ on call: it answered 500 Internal Server Error',
    '',
  ]);
  expect(all.code).toBe(1);
  expect(ops.received[0]?.body).toMatchObject({ event: 'test', link: 'https://ops.example.com/alerts' });

  const one = await cli(['notify', 'test', 'ops', '--config', file]);
  expect([one.code, picky.received.length]).toEqual([0, 1]);
  expect(`${all.stdout}${all.stderr}`).not.toContain('SECRET');
});

test('a name that is not configured is bad usage, and the known ones are named', async () => {
  const file = configured([{ name: 'ops', type: 'webhook', url: 'http://127.0.0.1:1/' }]);
  const { code, stderr } = await cli(['notify', 'test', 'opps', '--config', file]);
  expect(code).toBe(3);
  expect(stderr).toContain('there is no destination "opps" under notifications (known: ops)');
  expect((await cli(['notify', 'test', '--config', configured([])])).code).toBe(3);
});
