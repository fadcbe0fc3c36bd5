import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/index.ts';
import { loaded, MINIMAL, writeFiles } from './write.ts';

describe('a sound file', () => {
  test('of twelve lines is completed with the documented defaults', () => {
    const { engine, http, log } = loaded(MINIMAL);
    expect(engine.servers).toMatchObject([
      {
        name: 'db1',
        host: 'db1.example.com',
        port: 3306,
        user: 'lockstep',
        tls: null,
        serverPublicKey: null,
      },
      { name: 'db2', host: 'db2.example.com', port: 3306 },
    ]);
    expect(engine.pairs).toEqual([
      {
        name: 'db1-db2',
        source: 'db1',
        target: 'db2',
        channel: null,
        lag: { warningMs: 10_000, criticalMs: 60_000, forMs: 10_000 },
        heartbeat: null,
        tables: { include: ['*.*'], exclude: [], overrides: [] },
        checks: {
          checksum: { enabled: true, schedule: { everyMs: 3_600_000 }, method: 'rows' },
          consistency: { enabled: true, schedule: { everyMs: 900_000 }, method: 'count' },
        },
        throttle: { maxLagMs: 10_000, maxThreadsRunning: 50, maxFlowControl: 0.05 },
        verify: {
          chunkTimeMs: 500,
          maxChunkRows: 100_000,
          parallel: 2,
          waitMs: 60_000,
          maxRounds: 12,
          maxRowsListed: 1000,
          maxRowsWithoutKey: 100_000,
          settleMs: 5_000,
          fullPassMs: 0,
        },
      },
    ]);
    expect(engine.connection).toMatchObject({ attempts: 3, firstDelayMs: 5_000 });
    expect(engine.storage.rawLagMs).toBe(24 * 3_600_000);
    expect(http).toEqual({
      host: '127.0.0.1',
      port: 8080,
      auth: { kind: 'none', explicit: false },
      allowedOrigins: [],
      trustedProxies: [],
      basePath: '',
      maxConnections: 1_000,
      maxConnectionsPerClient: 64,
      graphiql: true,
    });
    expect(log).toEqual({ level: 'info', format: 'auto' });
  });

  test('means the same in YAML and in JSON, indented by tabs or not', () => {
    const { values: _, file: __, ...fromYaml } = loaded(MINIMAL);
    for (const indent of [0, 2, '\t']) {
      const json = JSON.stringify(parse(MINIMAL), null, indent);
      const { values: _, file: __, ...fromJson } = loaded(json, { name: 'lockstep.json' });
      expect(JSON.parse(JSON.stringify(fromJson).replace(/\/tmp[^"]*/, ''))).toEqual(
        JSON.parse(JSON.stringify(fromYaml).replace(/\/tmp[^"]*/, '')),
      );
    }
  });

  test('may leave a section empty', () => {
    expect(loaded(`${MINIMAL}http:\nalerts:\n`).http.port).toBe(8080);
  });

  test('may reuse settings with anchors and merge keys', () => {
    const { engine } = loaded(`servers:
  db1: &common
    host: db1
    user: lockstep
    password: x
  db2:
    <<: *common
    host: db2
pairs: [{source: db1, target: db2}]
`);
    expect(engine.servers[1]).toMatchObject({ host: 'db2', user: 'lockstep' });
  });

  test('may reuse them for each of hundreds of servers and pairs', () => {
    const numbers = Array.from({ length: 300 }, (_, i) => i);
    const servers = numbers.map((i) => `  s${i}: { <<: *common, host: h${i} }\n`).join('');
    const pairs = numbers.slice(1).map((i) => `  - { source: s0, target: s${i}, lag: *lag }\n`);
    const { engine, values } = loaded(`servers:
  first: &common { host: first, user: lockstep, password: x }
${servers}pairs:
  - { source: first, target: s0, lag: &lag { warning: 7s, critical: 9s } }
${pairs.join('')}`);
    expect(engine.servers.at(-1)).toMatchObject({ host: 'h299', user: 'lockstep' });
    expect(engine.pairs.at(-1)?.lag).toMatchObject({ warningMs: 7_000 });
    const of = values.find(({ path }) => path === 'pairs.s0-s299.lag.warning');
    expect(of).toMatchObject({
      value: '7s',
      origin: 'file',
      originName: expect.stringMatching(/:304$/) as string,
    });
  });

  test('keeps files beside itself, wherever the program was started', () => {
    const folder = writeFiles({ 'lockstep.yaml': MINIMAL });
    const result = loadConfig(join(folder, 'lockstep.yaml'), {});
    expect(result.ok && result.config.engine.storage.file).toBe(join(folder, 'lockstep.db'));
    expect(loaded(`${MINIMAL}storage: {file: ':memory:'}`).engine.storage.file).toBe(':memory:');
  });
});

describe('pairs', () => {
  test('have names that fit, however long or odd what they are made of is', () => {
    const host = (name: string) => `${name}.${'x'.repeat(50)}.eu-central-1.rds.amazonaws.com`;
    const inline = (place: string) => `{${place}, user: u, password: p}`;
    const { engine } = loaded(`servers:
  ${'a'.repeat(64)}: ${inline('host: h')}
  ${'b'.repeat(64)}: ${inline('host: h2')}
pairs:
  - {source: ${inline(`host: ${host('orders')}`)}, target: ${inline(`host: ${host('reports')}, port: 3307`)}}
  - {source: ${inline(`host: '::1'`)}, target: ${inline('socket: /run/.my_sql%.sock')}}
  - {source: ${'a'.repeat(64)}, target: ${'b'.repeat(64)}}
`);
    expect(engine.pairs.map(({ name }) => name)).toEqual([
      `orders.${'x'.repeat(24)}-reports.${'x'.repeat(23)}`,
      'at ::1:3306-at .my_sql_.sock',
      `${'a'.repeat(31)}-${'b'.repeat(31)}`,
    ]);
    const servers = new Set(engine.servers.map(({ name }) => name));
    expect(engine.pairs.every(({ source, target }) => servers.has(source) && servers.has(target))).toBe(true);
  });

  test('have their checks in windows, by the clock of a time zone', () => {
    const { engine } = loaded(`${MINIMAL}    name: a
    checks: {timeZone: Asia/Tokyo, checksum: {window: off}}
  - {name: b, source: db2, target: db1}
defaults:
  checks:
    timeZone: Europe/Berlin
    checksum: {cron: '0 3 * * *', window: 02:00 - 24:00}
    consistency: {window: 22:30–04:00}
`);
    const [a, b] = engine.pairs.map(({ checks }) => checks);
    const zone = { timeZone: 'Asia/Tokyo' };
    expect(a?.checksum).toEqual({
      enabled: true,
      schedule: { cron: '0 3 * * *', ...zone },
      method: 'rows',
    });
    expect(a?.consistency.window).toEqual({ from: 1350, to: 240, ...zone });
    expect(b?.checksum.window).toEqual({ from: 120, to: 0, timeZone: 'Europe/Berlin' });
  });

  test('take from defaults what they do not say themselves', () => {
    const { engine } = loaded(`${MINIMAL}    name: a
    lag: {warning: 1s}
    checks: {checksum: {cron: '0 3 * * *'}}
    tables: [shop.*]
  - {name: b, source: db2, target: db1, checks: {consistency: false}, throttle: {maxLag: off, maxFlowControl: 12.5%}}
defaults:
  lag: {warning: 3s, critical: 30s}
  checks:
    checksum: {every: 6h, method: native}
  tables: {include: ['crm.*'], exclude: ['*.tmp_*'], overrides: [{match: crm.users, maskColumns: [email]}]}
  verify: {parallel: 4}
`);
    const [a, b] = engine.pairs;
    expect(a?.lag).toEqual({ warningMs: 1_000, criticalMs: 30_000, forMs: 10_000 });
    expect(a?.checks.checksum).toEqual({ enabled: true, schedule: { cron: '0 3 * * *' }, method: 'native' });
    expect(a?.tables).toMatchObject({ include: ['shop.*'], exclude: ['*.tmp_*'] });
    expect(b?.lag.warningMs).toBe(3_000);
    expect(b?.checks.checksum.schedule).toEqual({ everyMs: 6 * 3_600_000 });
    expect(b?.checks.consistency.enabled).toBe(false);
    expect(b?.throttle).toEqual({ maxLagMs: null, maxThreadsRunning: 50, maxFlowControl: 0.125 });
    expect(b?.tables.overrides).toEqual([
      { match: 'crm.users', maskColumns: ['email'], ignoreColumns: [], method: null, where: null },
    ]);
    expect(b?.verify.parallel).toBe(4);
  });

  test('have their own labels and those of defaults, and none that Prometheus could not take', () => {
    const { engine } = loaded(`${MINIMAL}    labels: {env: prod}
  - {name: b, source: db1, target: db2}
defaults: {labels: {env: test, team: shop}}
`);
    expect(engine.pairs.map(({ labels }) => labels)).toEqual([
      { env: 'prod', team: 'shop' },
      { env: 'test', team: 'shop' },
    ]);
    const fromOutside = { LOCKSTEP_DEFAULTS__LABELS: '{env: prod}' };
    expect(loaded(MINIMAL, { env: fromOutside }).engine.pairs[0]?.labels).toEqual({ env: 'prod' });
    const many = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`l${index}`, 'x']));
    for (const wrong of [{ '1st': 'x' }, { 'a-b': 'x' }, { env: '' }, { env: 'x'.repeat(129) }, many]) {
      const text = `${MINIMAL}defaults: {labels: ${JSON.stringify(wrong)}}`;
      expect(() => loaded(text), text).toThrow(/labels/);
    }
  });

  test('take the table of their heartbeat from defaults, and may do without one', () => {
    const config = loaded(
      `${MINIMAL}  - {name: b, source: db1, target: db2, heartbeat: {utc: true, serverId: 3}}
  - {name: c, source: db1, target: db2, heartbeat: off}
defaults:
  heartbeat: {table: percona.heartbeat}
`,
    );
    expect(config.engine.pairs.map(({ heartbeat }) => heartbeat)).toEqual([
      { table: 'percona.heartbeat', utc: false, serverId: null, intervalMs: 1000 },
      { table: 'percona.heartbeat', utc: true, serverId: '3', intervalMs: 1000 },
      null,
    ]);
    expect(loaded(MINIMAL).engine.pairs[0]?.heartbeat).toBeNull();
  });

  test('may write a server out, and several pairs the same one', () => {
    const inline = '{host: db3.example.com, port: 3307, user: u, password: p}';
    const { engine } = loaded(`${MINIMAL}  - {source: db1, target: ${inline}}
  - {source: db2, target: ${inline}}
`);
    expect(engine.servers.map(({ name }) => name)).toEqual(['db1', 'db2', 'db3.example.com:3307']);
    expect(engine.pairs.map(({ name, target }) => [name, target])).toEqual([
      ['db1-db2', 'db2'],
      ['db1-db3.example.com:3307', 'db3.example.com:3307'],
      ['db2-db3.example.com:3307', 'db3.example.com:3307'],
    ]);
  });
});

describe('passwords and tokens', () => {
  test('a password file is read at each new connection, without its last line break', async () => {
    const folder = writeFiles({
      'lockstep.yaml': MINIMAL.replace('password: first-password', 'passwordFile: secrets/db1'),
      'secrets/db1': 'old one\n',
    });
    const result = loadConfig(join(folder, 'lockstep.yaml'), {});
    const password = result.ok ? result.config.engine.servers[0]?.password : undefined;
    expect(await password?.()).toBe('old one');
    writeFileSync(join(folder, 'secrets/db1'), 'new one');
    expect(await password?.()).toBe('new one');
  });

  test('a password file that is gone later rejects with a sentence', async () => {
    const config = loaded(MINIMAL.replace('password: first-password', 'passwordFile: gone'), {
      files: { gone: 'x' },
    });
    const folder = config.file.replace('/lockstep.yaml', '');
    const { rmSync } = await import('node:fs');
    rmSync(join(folder, 'gone'));
    await expect(config.engine.servers[0]?.password()).rejects.toThrow(
      `the password file ${folder}/gone cannot be read: there is no such file`,
    );
  });

  test('a password command is run without a shell, once for all who ask at a time, and its output is never told', async () => {
    const asking = (script: string) => {
      const command = JSON.stringify([process.execPath, '-e', script, '$HOME; x']);
      const { engine } = loaded(MINIMAL.replace('password: first-password', `passwordCommand: ${command}`));
      return engine.servers[0]!.password;
    };
    const token = asking('console.log(process.pid, process.argv[1])');
    const [first, second] = await Promise.all([token(), token()]);
    expect(first).toMatch(/^\d+ \$HOME; x$/);
    expect(second).toBe(first);

    const failing = asking(`console.log('SECRET'); console.error('SECRET'); process.exit(3)`);
    const why = await failing().catch((error: unknown) => error);
    expect(String(why)).toBe(`Error: the password command ${process.execPath} failed (3)`);
    expect(inspect(why, { depth: 9, showHidden: true })).not.toContain('SECRET');
    await expect(asking('0')()).rejects.toThrow('printed nothing');
    await expect(asking(`console.log('x'.repeat(99_999))`)()).rejects.toThrow('more than a password');
  });

  test('tokens are kept as hashes, from whichever form they were given in', () => {
    const hash = 'b6b96a9f4abe1a6f5a6ea2df8b0d1c61ff4a9f8b6a4f7f1e9d6a1a0d1f0f4a11';
    const { http } = loaded(
      `${MINIMAL}http:
  auth:
    tokens:
      - {name: a, role: viewer, tokenHash: 'sha256:${hash.toUpperCase()}'}
      - {name: b, role: operator, token: a-token-of-sixteen}
      - {name: c, role: operator, tokenFile: token}
`,
      { files: { token: 'a-token-of-sixteen\n' } },
    );
    // printf %s a-token-of-sixteen | sha256sum
    const sha256 = '3afe5a61';
    expect(http.auth).toMatchObject({
      kind: 'tokens',
      tokens: [
        { name: 'a', role: 'viewer', sha256: hash },
        { name: 'b', role: 'operator', sha256: expect.stringMatching(`^${sha256}`) as string },
        { name: 'c', role: 'operator', sha256: expect.stringMatching(`^${sha256}`) as string },
      ],
    });
  });

  test('`auth: none` is told apart from silence', () => {
    expect(loaded(`${MINIMAL}http: {host: 0.0.0.0, auth: none}`).http.auth).toEqual({
      kind: 'none',
      explicit: true,
    });
  });

  test('TLS files are read into the engine’s configuration', () => {
    const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    const [db1, db2] = loaded(
      MINIMAL.replace(
        'password: first-password',
        'password: x\n    tls: {ca: ca.pem, verifyIdentity: false}',
      ).replace('password: second-password', 'password: x\n    tls: true'),
      { files: { 'ca.pem': pem } },
    ).engine.servers;
    expect(db1?.tls).toEqual({ ca: pem, cert: null, key: null, verifyIdentity: false });
    expect(db2?.tls).toEqual({ ca: null, cert: null, key: null, verifyIdentity: true });
  });
});
