import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ConnectionConfig, ServerConfig } from '../../src/config.ts';
import { certificates } from '../support/certificates.ts';
import { certified } from '../support/certified.ts';
import { serverConfig } from '../support/config.ts';
import { reach } from '../support/connect.ts';
import { forward } from '../support/forward.ts';
import { tlsFront } from '../support/tls-front.ts';

const tryOnce = (config: ServerConfig, changes: Partial<ConnectionConfig> = {}) =>
  reach(config, { firstDelayMs: 60_000, maxDelayMs: 60_000, ...changes });

/** What became of the first attempt. */
async function outcome(config: ServerConfig): Promise<string> {
  const server = tryOnce(config);
  await vi.waitFor(
    () => expect(server.state.connection === 'connected' || server.state.attempts > 0).toBe(true),
    patient,
  );
  return server.state.evidence;
}

describe.each(flavours)('on %s', (flavour) => {
  const own = certified(flavour);

  const tls = (host: string, but: Partial<NonNullable<ServerConfig['tls']>> = {}): ServerConfig => ({
    ...serverConfig('db', own.handle),
    host,
    tls: { ca: own.ca, cert: null, key: null, verifyIdentity: true, ...but },
  });

  test('a certificate of a known CA and for the host that was asked for is accepted, and the link is encrypted', async () => {
    const server = tryOnce(tls('localhost'));
    expect(await server.waitUntilConnected(patient.timeout)).toBe(true);
    const [cipher] = await server.query(`SHOW SESSION STATUS LIKE 'Ssl_cipher'`);
    expect(cipher?.['Value']).not.toBe('');
  });

  test('what comes under TLS is bounded as well', async () => {
    const server = tryOnce(tls('localhost'));
    expect(await server.waitUntilConnected(patient.timeout)).toBe(true);
    const rows = Array.from({ length: 8 }, () => `SELECT REPEAT('x', 1000000)`).join(' UNION ALL ');
    const statement = `SELECT * FROM (${rows}) AS found`;
    await expect(server.query(statement, [], { lane: 'sampler' })).rejects.toMatchObject({
      kind: 'client',
      reason: 'its answer is longer than 4 MB',
    });
  });

  test('a certificate for another host is refused, also when the host is an IP address', async () => {
    expect(await outcome(tls('127.0.0.1'))).toContain("IP: 127.0.0.1 is not in the cert's list");
  });

  test('the refusal says which settings mend it, and the name that the certificate is for is one', async () => {
    expect(await outcome(tls('127.0.0.1'))).toContain(
      'give the name that it is for in tls.serverName, or set tls.verifyIdentity: false',
    );
    expect(await outcome(tls('127.0.0.1', { serverName: 'localhost' }))).toContain('connected to');
    expect(await outcome(tls('127.0.0.1', { serverName: 'elsewhere' }))).toContain('tls.serverName');
  });

  test.each([
    ['in the open', false],
    ['under TLS of its own', true],
  ])(
    'a proxy at which TLS ends, and that goes on %s, is believed by its certificate',
    async (_, encryptsAgain) => {
      const shows = {
        cert: readFileSync(join(own.folder, 'server.pem')),
        key: readFileSync(join(own.folder, 'server.key')),
      };
      const port = await tlsFront(own.handle.port, { certificate: shows, encryptsAgain });
      // In the open a server takes no password that it has not checked before.
      expect(await outcome(serverConfig('db', own.handle))).toContain('connected to');
      const server = tryOnce({ ...tls('localhost'), port });
      expect(await server.waitUntilConnected(patient.timeout)).toBe(true);
      const [row] = await server.query('SELECT @@port AS port');
      expect(Number(row?.['port'])).toBe(own.handle.port);
      const [cipher] = await server.query(`SHOW SESSION STATUS LIKE 'Ssl_cipher'`);
      expect(cipher?.['Value'] !== '').toBe(encryptsAgain);
      expect(await outcome({ ...tls('127.0.0.1'), port })).toContain('tls.serverName');
      expect(await outcome({ ...tls('localhost', { ca: null }), port })).toContain('give its CA in tls.ca');
    },
  );

  test('of a name that moves to a server whose certificate is refused nothing is told by the old connections', async () => {
    const others = mkdtempSync(join(tmpdir(), 'lockstep-tls-'));
    onTestFinished(() => rmSync(others, { recursive: true, force: true }));
    const front = await tlsFront(own.handle.port, { certificate: certificates(others), encryptsAgain: true });
    let to = own.handle.port;
    const { port } = await forward(() => to);
    const server = tryOnce({ ...tls('localhost'), port }, { renewMs: 100 });
    expect(await server.waitUntilConnected(patient.timeout)).toBe(true);
    await server.query('SELECT 1', [], { lane: 'sampler' });
    to = front;
    await vi.waitFor(() => expect(server.state.evidence).toContain('its certificate is refused'), patient);
    await expect(server.query('SELECT 1', [], { lane: 'sampler' })).rejects.toMatchObject({
      kind: 'connection',
    });
  });

  test('what is broken off here, and counts against this host, is tried further and further apart', async () => {
    const server = reach(tls('127.0.0.1'), { firstDelayMs: 1, maxDelayMs: 2 });
    await vi.waitFor(
      () => expect(server.state.evidence).toMatch(/certificate is refused.+; next in (\d{3} ms|[\d.]+ s)$/),
      patient,
    );
    expect(server.state.attempts).toBeGreaterThan(3);
  });

  test('a server that takes connections under TLS only says what to set', async () => {
    await own.handle.query('SET GLOBAL require_secure_transport = ON');
    onTestFinished(() => own.handle.query('SET GLOBAL require_secure_transport = OFF').then(() => undefined));
    expect(await outcome(serverConfig('db', own.handle))).toContain('set tls: true');
  });

  test.runIf(flavour === 'mysql')(
    'a server that takes compressed connections only says what to set',
    async () => {
      const take = (algorithms: string) =>
        own.handle.query(`SET GLOBAL protocol_compression_algorithms = '${algorithms}'`);
      await take('zlib');
      onTestFinished(() => take('zlib,zstd,uncompressed').then(() => undefined));
      expect(await outcome(serverConfig('db', own.handle))).toMatch(
        /add uncompressed to its protocol_compression_algorithms/,
      );
    },
  );

  test('unless the configuration says not to look at the name', async () => {
    expect(await outcome(tls('127.0.0.1', { verifyIdentity: false }))).toContain('connected to');
  });

  test('a certificate of an unknown CA is refused, whatever the name', async () => {
    expect(await outcome(tls('localhost', { ca: null, verifyIdentity: false }))).toContain(
      'give its CA in tls.ca',
    );
  });

  test('a CA that the system trusts is trusted, and one that it does not is not', () => {
    const connectFrom = (environment: Record<string, string>) => {
      const child = join(import.meta.dirname, 'children/connect.ts');
      const { user, password } = own.handle.monitor;
      return execFileSync(process.execPath, [child, String(own.handle.port), user, password], {
        env: { ...process.env, ...environment },
      }).toString();
    };
    expect(connectFrom({ SSL_CERT_FILE: join(own.folder, 'ca.pem') })).toBe('connected');
    expect(connectFrom({})).toContain('give its CA in tls.ca');
  });

  const publicKey = () =>
    execFileSync('openssl', ['rsa', '-in', join(own.folder, 'server.key'), '-pubout'], {
      stdio: 'pipe',
    }).toString();
  const loginOf = (user: string, serverPublicKey: string) =>
    outcome({
      ...serverConfig('db', own.handle),
      user,
      password: () => Promise.resolve('old'),
      serverPublicKey,
    });

  test.runIf(flavour === 'mariadb')(
    'an account whose login honours no key is told apart by its evidence',
    async () => {
      await own.handle.query(
        `CREATE USER old@'127.0.0.1' IDENTIFIED VIA mysql_native_password USING PASSWORD('old')`,
      );
      expect(await loginOf('old', publicKey())).toContain('only accounts that use caching_sha2_password or');
    },
  );

  test.runIf(flavour === 'mysql')('sha256_password takes the pinned key as well', async () => {
    const [plugin] = await own.handle.query(
      `SELECT 1 FROM information_schema.PLUGINS WHERE PLUGIN_NAME = 'sha256_password'`,
    );
    if (!plugin) return;
    await own.handle.query(`CREATE USER old@'127.0.0.1' IDENTIFIED WITH sha256_password BY 'old'`);
    const right = readFileSync(join(own.handle.dataDir, 'public_key.pem'), 'utf8');
    expect(await loginOf('old', right)).toContain('connected to MySQL');
    expect(await loginOf('old', publicKey())).toMatch(/access denied|decrypt|closed/i);
  });

  test.runIf(flavour === 'mysql')('without TLS only the pinned key may encrypt the password', async () => {
    const right = readFileSync(join(own.handle.dataDir, 'public_key.pem'), 'utf8');
    const wrong = publicKey();
    const login = async (serverPublicKey: string | null) => {
      // The server asks for the password itself only when it has not checked it lately.
      await own.handle.query('FLUSH PRIVILEGES');
      return outcome({ ...serverConfig('db', own.handle), serverPublicKey });
    };
    expect(await login(wrong)).toMatch(/access denied|decrypt|closed/i);
    expect(await login(right)).toContain('connected to MySQL');
    expect(await login(null)).toContain('connected to MySQL');
  });
});
