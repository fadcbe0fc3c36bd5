import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unhurriedMs } from '@lockstep/servers/patience';
import { afterAll, expect, test } from 'vitest';
import type { TlsConfig } from '../../src/config.ts';
import { SqlConnection } from '../../src/server/sql-connection.ts';
import { certificates } from '../support/certificates.ts';
import { greeting, madeUpServer, tokenServer } from '../support/made-up-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'lockstep-tokens-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { ca, cert, key } = certificates(folder);
const verified: TlsConfig = { ca, cert: null, key: null, verifyIdentity: true };

/** Why the login was refused. */
async function refusal(port: number, tls: TlsConfig, password: () => Promise<string>): Promise<string> {
  const config = {
    name: 'db',
    host: 'localhost',
    port,
    user: 'lockstep',
    serverPublicKey: null,
    tls,
    password,
  };
  const limits = { lockWaitSeconds: 5, statementMs: 5000 };
  return await SqlConnection.open(config, limits, unhurriedMs, new AbortController().signal).then(
    () => 'none',
    (error: unknown) => String(error),
  );
}

test('a token is sent as it is under TLS with a checked certificate, a fresh one at each connection', async () => {
  const { port, heard } = await tokenServer({ cert, key });
  let made = 0;
  const token = () => Promise.resolve(`token-${++made}`);
  expect(await refusal(port, verified, token)).toContain('access denied for lockstep (1045');
  await refusal(port, verified, token);
  expect(heard).toEqual(['token-1', 'token-2']);
});

test('to a certificate whose name or CA was not checked no token is sent, and the sentence names the setting', async () => {
  const { port, heard } = await tokenServer({ cert, key });
  const token = () => Promise.resolve('a-token-of-mine');
  const unchecked = await refusal(port, { ...verified, verifyIdentity: false }, token);
  expect(unchecked).toContain('that is sent under tls with verifyIdentity only');
  expect(await refusal(port, { ...verified, ca: null }, token)).toContain('give its CA in tls.ca');
  const elsewhere = await refusal(port, { ...verified, serverName: 'elsewhere' }, token);
  expect(elsewhere).toContain('tls.serverName');
  expect(unchecked + elsewhere).not.toMatch(/enableCleartextPlugin|a-token-of-mine/);
  expect(heard).toEqual([]);
});

test('a server without TLS, or with an old one, is told apart from one with a bad certificate', async () => {
  const none = await madeUpServer(greeting('mysql_native_password'), () => undefined);
  const token = () => Promise.resolve('a-token-of-mine');
  expect(await refusal(none, verified, token)).toMatch(/does not offer TLS.*set tls: false/);
  const old = await tokenServer({
    cert,
    key,
    maxVersion: 'TLSv1.1',
    minVersion: 'TLSv1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  });
  const sentence = await refusal(old.port, verified, token);
  expect(sentence).toContain('TLS 1.2');
  expect(sentence).not.toContain('certificate');
  expect(old.heard).toEqual([]);
});
