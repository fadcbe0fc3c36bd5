import { describe, expect, test } from 'vitest';
import { loaded, MINIMAL, problems } from './write.ts';

const withNames = `servers:
  db-1: {host: a.example.com, user: u, password: x}
  db2: {host: b.example.com, user: u, password: y}
pairs:
  - {name: Orders EU, source: db-1, target: db2, tables: [shop.*]}
  - {source: db2, target: db-1}
`;

describe('a LOCKSTEP_ variable', () => {
  test('overrides a setting of any type, given or not', async () => {
    const { engine, http, log } = loaded(withNames, {
      env: {
        LOCKSTEP_HTTP__PORT: '9000',
        LOCKSTEP_HTTP__GRAPHIQL: 'false',
        LOCKSTEP_HTTP__ALLOWED_ORIGINS: 'https://a.example.com, https://b.example.com:8443',
        LOCKSTEP_LOG__LEVEL: 'debug',
        LOCKSTEP_SERVERS__DB_1__PASSWORD: '12345',
        LOCKSTEP_SERVERS__DB2__PORT: '3307',
        LOCKSTEP_SERVERS__DB2__TLS: 'true',
        LOCKSTEP_LAG__SAMPLE_INTERVAL: '1s',
        LOCKSTEP_ALERTS__SEVERITIES__ERRANT_TRANSACTIONS: 'off',
      },
    });
    expect(http).toMatchObject({
      port: 9000,
      graphiql: false,
      allowedOrigins: ['https://a.example.com', 'https://b.example.com:8443'],
    });
    expect(log.level).toBe('debug');
    expect(await engine.servers[0]?.password()).toBe('12345');
    expect(engine.servers[1]).toMatchObject({ port: 3307, tls: { verifyIdentity: true } });
    expect(engine.lag.sampleIntervalMs).toBe(1000);
    expect(engine.alerts.severities).toEqual({ 'errant-transactions': null });
  });

  test('reaches list items by index and pairs by name, whatever signs the name holds', () => {
    const { engine } = loaded(withNames, {
      env: {
        LOCKSTEP_PAIRS__ORDERS_EU__LAG__WARNING: '2s',
        LOCKSTEP_PAIRS__0__TABLES__0: 'crm.*',
        LOCKSTEP_PAIRS__DB2_DB_1__THROTTLE__MAX_LAG: 'off',
        LOCKSTEP_PAIRS__1__CHECKS__CHECKSUM: 'false',
        LOCKSTEP_DEFAULTS__VERIFY__PARALLEL: '1',
      },
    });
    const [eu, back] = engine.pairs;
    expect(eu).toMatchObject({
      lag: { warningMs: 2000 },
      tables: { include: ['crm.*'] },
      verify: { parallel: 1 },
    });
    expect(back).toMatchObject({
      throttle: { maxLagMs: null },
      checks: { checksum: { enabled: false } },
      verify: { parallel: 1 },
    });
  });

  test('can add a pair, or give a whole map', () => {
    const { engine, http } = loaded(withNames, {
      env: {
        LOCKSTEP_PAIRS__2__SOURCE: 'db2',
        LOCKSTEP_PAIRS__2__TARGET: '{host: c.example.com, user: u, password: z}',
        LOCKSTEP_HTTP__AUTH: '{tokens: [{name: a, role: viewer, token: sixteen-characters}]}',
      },
    });
    expect(engine.pairs[2]).toMatchObject({ name: 'db2-c.example.com:3306', target: 'c.example.com:3306' });
    expect(http.auth.kind).toBe('tokens');
  });

  test('is named where its value is wrong', () => {
    expect(
      problems(MINIMAL, {
        env: {
          LOCKSTEP_HTTP__PORT: 'http',
          LOCKSTEP_PAIRS__DB1_DB2__LAG__FOR: 'a while',
          LOCKSTEP_SERVERS__DB1__HOST: '',
        },
      }),
    ).toEqual([
      'environment variable LOCKSTEP_SERVERS__DB1__HOST: servers.db1.host: expected a host name or an IP address, without port or path, found ""',
      'environment variable LOCKSTEP_PAIRS__DB1_DB2__LAG__FOR: pairs[0].lag.for: expected a duration from 0ms to 1h, such as 250ms, 5s, 24h or 7d, found "a while"',
      'environment variable LOCKSTEP_HTTP__PORT: http.port: expected a whole number from 0 to 65535, found "http"',
    ]);
  });

  test('makes what it overrides in the file irrelevant', () => {
    const content = MINIMAL.replace('db1.example.com', '${NOT_SET}').replace('first-password', '12');
    const { engine } = loaded(content, {
      env: { LOCKSTEP_SERVERS__DB1__HOST: 'db1', LOCKSTEP_SERVERS__DB1__PASSWORD: 'x' },
    });
    expect(engine.servers[0]?.host).toBe('db1');
  });

  test.for<[string, string, string]>([
    ['LOCKSTEP_HTTP__PROT', '1', 'unknown setting; did you mean LOCKSTEP_HTTP__PORT?'],
    ['LOCKSTEP_HTTP_PORT', '1', 'unknown setting; did you mean LOCKSTEP_HTTP__PORT?'],
    ['LOCKSTEP_HTTP__PORT__NUMBER', '1', 'unknown setting'],
    ['LOCKSTEP_NONSENSE__AT__ALL', '1', 'unknown setting'],
    [
      'LOCKSTEP_SERVERS__DB3__PASSWORD',
      'x',
      'the file has no DB3 under servers (it has db1, db2); did you mean LOCKSTEP_SERVERS__DB1__PASSWORD?',
    ],
    [
      'LOCKSTEP_PAIRS__0__SOURCE__PASSWORD',
      'x',
      'unknown setting: pairs[0].source is a single value in the file, without settings inside',
    ],
  ])('that is no setting is refused: %s', ([name, value, expected]) => {
    const found = problems(MINIMAL, { env: { [name]: value } });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(new RegExp(`^environment variable ${name}: `));
    expect(found[0]).toContain(expected);
  });

  test('that could mean two things is refused', () => {
    const content = withNames.replace('db2:', 'db1:').replaceAll('db2', 'db1');
    expect(problems(content, { env: { LOCKSTEP_SERVERS__DB1__PORT: '1' } })).toContain(
      'environment variable LOCKSTEP_SERVERS__DB1__PORT: means db-1 as well as db1 of servers; rename one',
    );
  });

  test.for([
    'LOCKSTEP_CONFIG',
    'LOCKSTEP_CACHE',
    'LOCKSTEP_CHROMIUM',
    'LOCKSTEP_TEST_HTTP__PORT',
    'LOCKSTEP_DEMO_SPEED',
    // Kubernetes puts these into every pod beside a service named lockstep, or lockstep-http.
    'LOCKSTEP_SERVICE_HOST',
    'LOCKSTEP_PORT',
    'LOCKSTEP_PORT_8080_TCP_ADDR',
    'LOCKSTEP_HTTP_SERVICE_PORT',
  ])('that belongs to something else is left alone: %s', (name) => {
    expect(loaded(MINIMAL, { env: { [name]: 'x' } }).http.port).toBe(8080);
  });

  test('that Kubernetes made of a service is told by its value', () => {
    const env = { LOCKSTEP_HTTP_PORT: 'tcp://10.0.0.1:8080' };
    expect(loaded(MINIMAL, { env }).http.port).toBe(8080);
  });
});

describe('${NAME} in a value', () => {
  const host = (value: string, env: Record<string, string> = {}) =>
    loaded(MINIMAL.replace('db1.example.com', value), { env }).engine.servers[0]?.host;

  test('is replaced by the variable, also inside other text and more than once', () => {
    expect(host('"${A}.${B}.example.com"', { A: 'x', B: 'y' })).toBe('x.y.example.com');
  });

  test('falls back where the variable is unset or empty', () => {
    expect(host('${A:-other}')).toBe('other');
    expect(host('${A:-other}', { A: '' })).toBe('other');
    expect(host('${A:-other}', { A: 'x' })).toBe('x');
  });

  test('cannot change the structure of the file', async () => {
    const password = 'x\n  user: root # "}]';
    const { engine } = loaded(MINIMAL.replace('first-password', '${PASSWORD}'), {
      env: { PASSWORD: password },
    });
    expect(engine.servers[0]?.user).toBe('lockstep');
    expect(await engine.servers[0]?.password()).toBe(password);
  });

  test('becomes a number or a truth value where one belongs', () => {
    const { http } = loaded(`${MINIMAL}http: {port: '\${P}', graphiql: '\${G:-false}'}`, {
      env: { P: '81' },
    });
    expect(http).toMatchObject({ port: 81, graphiql: false });
  });

  test('stays as it is when it is escaped, and a lone $ is nothing special', async () => {
    const { engine } = loaded(MINIMAL.replace('first-password', () => 'a$b$$c$${D}'));
    expect(await engine.servers[0]?.password()).toBe('a$b$$c${D}');
  });

  test('that is unset is refused, with file, line and path', () => {
    expect(problems(MINIMAL.replace('first-password', '${NOT_SET}'))).toEqual([
      'lockstep.yaml:5:15: servers.db1.password: expected the environment variable NOT_SET, found it unset (a fallback is written ${NOT_SET:-text})',
    ]);
  });

  test.for(['${A', '${}', '${A-b}', '${1A}'])('that is malformed is refused: %s', (value) => {
    expect(problems(MINIMAL.replace('first-password', `'${value}'`))).toEqual([
      'lockstep.yaml:5:15: servers.db1.password: expected ${NAME} or ${NAME:-text}, found "${" with something else (a plain "${" is written "$${")',
    ]);
  });

  test('is named where its value is wrong', () => {
    expect(problems(`${MINIMAL}http: {port: '\${P}'}`, { env: { P: 'x' } })).toEqual([
      'lockstep.yaml:13:14: http.port: expected a whole number from 0 to 65535, found "x" (from ${P})',
    ]);
  });
});
