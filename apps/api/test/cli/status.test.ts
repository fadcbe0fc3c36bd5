import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeFiles } from '../config/write.ts';
import { startService, tokens, viewerToken } from '../fixture/service.ts';
import { cli } from './run.ts';

test('a running service is asked for its pairs and alerts, with a token where it wants one', async () => {
  await using service = await startService({ auth: tokens });
  const args = ['status', '--url', service.address];
  const refused = await cli(args);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('give a token by $LOCKSTEP_TOKEN or --token-file FILE');
  const file = join(writeFiles({ token: `${viewerToken}\n` }), 'token');
  const text = await cli([...args, '--token-file', file]);
  expect(text.stderr).toBe('');
  const json = await cli([...args, '--format', 'json'], { env: { LOCKSTEP_TOKEN: viewerToken } });
  const { pairs } = JSON.parse(json.stdout) as { pairs: { name: string }[] };
  expect(pairs.length).toBeGreaterThan(0);
  for (const { name } of pairs) expect(text.stdout).toContain(`${name}  `);
});

test('a service that is not there, or is another, is no success', async () => {
  const none = await cli(['status', '--url', 'http://127.0.0.1:1']);
  expect(none.code).toBe(2);
  expect(none.stderr).toMatch(/^http:\/\/127\.0\.0\.1:1: .+\n$/);
  expect(await cli(['status', '--url', 'nowhere'])).toMatchObject({ code: 3 });
});

test.each(['http://anna:SECRET@127.0.0.1:1', 'http://anna:SEC RET@host:port', 'anna:SECRET@127.0.0.1'])(
  'an account in the address is refused, and not shown: %s',
  async (address) => {
    const { code, stdout, stderr } = await cli(['status', '--url', address]);
    expect(code).toBe(3);
    expect(stderr).toContain('••••@');
    expect(stdout + stderr).not.toMatch(/SEC|RET|anna/);
  },
);
