import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { effectiveYaml } from '../../src/cli/effective-yaml.ts';
import { loaded, problems } from './write.ts';

const PRIVATE = '-----BEGIN PRIVATE KEY-----\\nSECRET-key\\n-----END PRIVATE KEY-----';

const SOUND = `servers:
  db1:
    host: db1.example.com
    user: lockstep
    password: SECRET-yaml
    tls: {cert: "-----BEGIN CERTIFICATE-----", key: "${PRIVATE}"}
  db2:
    host: db2.example.com
    user: lockstep
    password: \${DB2}
  db3: {host: db3.example.com, user: lockstep, password: ''}
pairs:
  - {source: db1, target: db2}
  - {source: db1, target: {host: db4.example.com, user: u, password: SECRET-inline}}
http:
  auth:
    tokens:
      - {name: a, role: viewer, token: SECRET-token-of-sixteen}
      - {name: b, role: viewer, tokenHash: "sha256:${'ab'.repeat(32)}"}
`;

const env = { DB2: 'SECRET-env', LOCKSTEP_SERVERS__DB3__PASSWORD: 'SECRET-override' };

describe('a secret', () => {
  test('is in no value that is shown', () => {
    const { values } = loaded(SOUND, { env });
    const shown = inspect(values, { depth: null }) + effectiveYaml(values);
    expect(shown).not.toMatch(/SECRET|abab/);
    expect(values.filter(({ value }) => value === '••••').map(({ path }) => path)).toEqual([
      'servers.db1.password',
      'servers.db1.tls.key',
      'servers.db2.password',
      'servers.db3.password',
      'servers."db4.example.com:3306".password',
      'http.auth.tokens.a.token',
      'http.auth.tokens.b.tokenHash',
    ]);
  });

  test.each([
    ['http://collector:4318/v1/traces?key=SECRET', 'http://collector:4318/v1/traces?••••'],
    ['https://SECRET@collector/v1/traces', 'https://••••@collector/v1/traces'],
    ['https://anna:SECRET@collector/v1/traces', 'https://anna:••••@collector/v1/traces'],
    ['https://collector/v1/@traces', 'https://collector/v1/@traces'],
  ])('is not shown in the address of a collector: %s', (url, shown) => {
    const { values, tracing } = loaded(`${SOUND}tracing: {url: '${url}'}\n`, { env });
    expect(tracing?.url).toBe(url);
    expect(values.find(({ path }) => path === 'tracing.url')).toMatchObject({ value: shown, content: shown });
    expect(problems(`${SOUND}  publicUrl: 'ftp,${url}'\n`, { env }).join()).not.toContain('SECRET');
  });

  test('is in no list that is shown', () => {
    const command = "[fetch, 'https://vault/x?token=SECRET', 'https://a:SECRET@vault']";
    const { values } = loaded(SOUND.replace('password: SECRET-yaml', `passwordCommand: ${command}`), { env });
    expect(inspect(values, { depth: null }) + effectiveYaml(values)).not.toContain('SECRET');
  });

  test('is in no error, wherever it was put by mistake', () => {
    const found = problems(
      `servers:
  db1: mysql://root:SECRET-1@db1.example.com
  db2: {host: 'root:SECRET-2@db2', user: u, passwort: SECRET-3, password: [SECRET-4]}
  db3: {host: db3, user: u, port: '\${DB_PASSWORD}', password: 'SECRET-5', passwordFile: nothing}
pairs:
  - {source: db2, target: 'mysql://root:SECRET-6@db3'}
http:
  auth: {tokens: [{name: a, role: viewer, token: SECRET-7, tokenHash: SECRET-8}]}
`,
      { env: { DB_PASSWORD: 'SECRET-9', LOCKSTEP_SERVERS__DB3__PASSWORDS: 'SECRET-10' } },
    );
    expect(found.length).toBeGreaterThanOrEqual(8);
    expect(found.join('\n')).not.toContain('SECRET');
  });

  test('is in no error when it was put where the name of a file or a host belongs', () => {
    const found = problems(
      `servers:
  db1: {host: db1, user: u, passwordFile: '\${WHATEVER}'}
  db2: {host: db2, user: u, password: x, tls: {ca: '\${WHATEVER}', cert: '\${WHATEVER}', key: '\${LONG}'}}
  db3: {host: db3, user: u, password: x, serverPublicKey: '\${NULL}'}
  db4: {host: db4, user: u, passwordFile: nothing}
  db5: mysql://root:p@SECRET/w@rd@db5
pairs:
  - {source: db1, target: db2}
notifications:
  - {name: ops, type: slack, urlFile: '\${WHATEVER}'}
http:
  host: '\${DBPASS}'
  auth: {tokens: [{name: a, role: viewer, tokenFile: '\${WHATEVER}'}]}
`,
      {
        env: {
          WHATEVER: 'hunter2-SECRET',
          LONG: 'SECRET'.repeat(2000),
          NULL: 'SECRET\0SECRET',
          DBPASS: '10.0.0.SECRET',
          LOCKSTEP_SERVERS__DB4__PASSWORD_FILE: 'SECRET-override',
        },
      },
    );
    expect(found.length).toBeGreaterThanOrEqual(7);
    expect(found.join('\n')).not.toContain('SECRET');
  });

  test('is in no error of the rule for hosts that others can reach', () => {
    const open = SOUND.replace(/http:[^]*/, "http: {host: '${DBPASS}'}\n");
    const found = problems(open, { env: { ...env, DBPASS: 'db-SECRET' } });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('(from ${DBPASS})');
    expect(found[0]).not.toContain('SECRET');
  });

  test.for([
    '*SECRET',
    '!SECRET',
    '%SECRET',
    '@SECRET',
    '"SECRET\\q"',
    '|SECRET',
    '{SECRET',
    '"SECRET',
    'a: SECRET: b',
  ])('is in no complaint about YAML that it breaks: %s', (password) => {
    let found: string;
    try {
      found = problems(SOUND.replace('SECRET-yaml', password), { env }).join('\n');
    } catch {
      // Some are sound after all: `!SECRET` is a tag with nothing after it.
      return;
    }
    expect(found).not.toContain('SECRET');
  });
});

test.each([
  'notifications: [{ name: ops, type: webhook, url: "https://h/x", headers: SECRET }]',
  'notifications: [{ name: ops, type: webhook, url: "https://h/x", headers: { X-A: [SECRET] } }]',
])('is in no complaint where one stands in the place of several: %s', (text) => {
  expect(problems(`${SOUND}${text}\n`, { env }).join('\n')).toMatch(/headers[^]*found (another text|a list)/);
  expect(problems(`${SOUND}${text}\n`, { env }).join('\n')).not.toContain('SECRET');
});

test('an origin is named for every value', () => {
  const { values } = loaded(SOUND, { env });
  const origin = (path: string) => {
    const value = values.find((candidate) => candidate.path === path);
    return [value?.value, value?.origin, value?.originName];
  };
  expect(origin('servers.db1.host')).toEqual(['db1.example.com', 'file', 'lockstep.yaml:3']);
  expect(origin('servers.db2.password')).toEqual(['••••', 'file', 'lockstep.yaml:10, DB2']);
  expect(origin('servers.db3.password')).toEqual(['••••', 'env', 'LOCKSTEP_SERVERS__DB3__PASSWORD']);
  expect(origin('servers.db1.port')).toEqual(['3306', 'default', null]);
  expect(origin('pairs.db1-db2.lag.warning')).toEqual(['10s', 'default', null]);
});

test('a value from defaults names the line there', () => {
  const { values } = loaded(`${SOUND}defaults:\n  lag: {warning: 5s}\n`, { env });
  expect(values.find(({ path }) => path === 'pairs.db1-db2.lag.warning')).toMatchObject({
    value: '5s',
    origin: 'file',
    originName: 'lockstep.yaml:21',
  });
});
