import { constants, generateKeyPairSync, privateDecrypt } from 'node:crypto';
import { patient, unhurriedMs } from '@lockstep/servers/patience';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { silent } from '../../src/log.ts';
import { ConnectionManager } from '../../src/server/connection-manager.ts';
import { connection } from '../support/config.ts';
import { askFor, greeting, madeUpServer, packet } from '../support/made-up-server.ts';

const password = 'S3cret-of-the-target';
const theirs = generateKeyPairSync('rsa', { modulusLength: 2048 });
const trusted = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = trusted.publicKey.export({ type: 'spki', format: 'pem' }).toString();

/** All that a client with a pinned key says to a server that offers its own key to whoever asks. */
async function saidTo(greets: string, asks: string): Promise<Buffer[]> {
  const heard: Buffer[] = [];
  const key = theirs.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const port = await madeUpServer(greeting(greets), (client, said, count) => {
    heard.push(said);
    const sequence = 2 + 2 * count;
    if (count === 0) client.write(askFor(sequence, asks));
    else if (count < 4) client.write(packet(sequence, 1, said.length <= 1 ? key : Buffer.from([4])));
    else client.destroy();
  });
  const manager = new ConnectionManager({
    servers: [
      {
        name: 'db',
        host: '127.0.0.1',
        port,
        user: 'lockstep',
        password: () => Promise.resolve(password),
        tls: null,
        serverPublicKey: pem,
      },
    ],
    connection: { ...connection, connectTimeoutMs: unhurriedMs, firstDelayMs: 60_000, maxDelayMs: 60_000 },
    log: silent,
    onChange: () => undefined,
  });
  onTestFinished(() => manager.stop());
  manager.start();
  await vi.waitFor(() => expect(manager.get('db').state.attempts).toBeGreaterThan(0), patient);
  return heard;
}

const opened = (said: Buffer, privateKey = theirs.privateKey): string => {
  try {
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const mixed = privateDecrypt({ key: privateKey, padding, oaepHash: 'sha1' }, said);
    const scramble = Buffer.from('12345678901234567890');
    return Buffer.from(mixed.map((byte, i) => byte ^ (scramble[i % 20] as number))).toString();
  } catch {
    return '';
  }
};

describe('with a pinned key', () => {
  test.each(['sha256_password', 'caching_sha2_password'])(
    'a server that asks for %s gets the password for the pinned key and no other',
    async (plugin) => {
      const heard = await saidTo('caching_sha2_password', plugin);
      expect(heard.map((said) => opened(said))).not.toContain(`${password}\0`);
      expect(heard.map((said) => opened(said, trusted.privateKey))).toContain(`${password}\0`);
    },
  );

  test.each(['mysql_native_password', 'mysql_clear_password', 'sha256_password', 'caching_sha2_password'])(
    'no hash of the password answers a server that greets with %s',
    async (plugin) => {
      const [login] = await saidTo(plugin, 'mysql_clear_password');
      const user = 32;
      const answerLength = login?.[login.indexOf(0, user) + 1];
      expect(login?.subarray(user, user + 8).toString()).toBe('lockstep');
      expect(answerLength).toBe(0);
    },
  );

  test('a server that asks for an old hash of the password gets none', async () => {
    const heard = await saidTo('caching_sha2_password', 'mysql_native_password');
    expect(heard.slice(1).filter((said) => said.length === 20)).toEqual([]);
  });
});
