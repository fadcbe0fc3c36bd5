import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { expect, test, vi } from 'vitest';
import { MINIMAL, writeFiles } from '../config/write.ts';
import { lockstep } from './program.ts';

test('SIGHUP admits new tokens, turns away those that are gone with whoever signed in by them, and keeps the others', async () => {
  const port = await freePort();
  const servers = MINIMAL.replace(/db\d\.example\.com/g, (host) => `127.0.0.1\n    port: ${host.charAt(2)}`);
  const withTokens = (...names: string[]) => {
    const tokens = names.map((name) => `{name: ${name}, role: operator, token: the-token-of-${name}}`);
    return `${servers}http: {port: ${port}, auth: {tokens: [${tokens.join(', ')}]}}\nstorage: {file: ':memory:'}\n`;
  };
  const file = join(writeFiles({ 'lockstep.yaml': withTokens('anna', 'berta') }), 'lockstep.yaml');
  const program = lockstep(['serve', '--config', file]);
  await vi.waitFor(() => expect(program.stdout).toContain('listening on'), patient);
  const address = `http://127.0.0.1:${port}`;
  const signIn = async (name: string) => {
    const answer = await fetch(`${address}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: `the-token-of-${name}` }),
    });
    return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  };
  const status = async (headers: Record<string, string>) =>
    (await fetch(`${address}/api/metrics`, { headers })).status;
  const bearer = (name: string) => ({ authorization: `Bearer the-token-of-${name}` });
  const [anna, berta] = [await signIn('anna'), await signIn('berta')];
  expect([await status({ cookie: anna }), await status({ cookie: berta })]).toEqual([200, 200]);

  writeFileSync(file, withTokens('berta', 'carla'));
  program.child.kill('SIGHUP');
  await vi.waitFor(async () => expect(await status(bearer('carla'))).toBe(200), patient);
  expect([await status({ cookie: anna }), await status(bearer('anna'))]).toEqual([401, 401]);
  expect([await status({ cookie: berta }), await status(bearer('berta'))]).toEqual([200, 200]);
  expect(await audited(address, bearer('berta'))).toEqual([['SIGHUP', 'PROGRAM', null, 'DONE', null]]);

  writeFileSync(file, 'servers: 1\n');
  program.child.kill('SIGHUP');
  const refused = ['SIGHUP', 'PROGRAM', null, 'REFUSED', expect.stringContaining('servers') as string];
  await vi.waitFor(
    async () => expect((await audited(address, bearer('berta')))[0]).toEqual(refused),
    patient,
  );
  program.child.kill('SIGTERM');
  expect(await program.ended).toBe(0);
});

/** Who reloaded the configuration, how, from where, and what became of it, newest first. */
async function audited(address: string, headers: Record<string, string>): Promise<unknown[][]> {
  const query = `{ audit { ... on Audit { entries(first: 5, action: "reloadConfiguration") {
    nodes { who way address outcome message } } } } }`;
  const response = await fetch(`${address}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });
  const { data } = (await response.json()) as { data: { audit: { entries: { nodes: object[] } } } };
  return data.audit.entries.nodes.map((node): unknown[] => Object.values(node));
}
