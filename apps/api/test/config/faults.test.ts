import { describe, expect, test } from 'vitest';
import { MINIMAL, problems } from './write.ts';

/** MINIMAL with lines changed: `[line, text]`, 1 for the first. */
function minimal(...changes: [line: number, text: string][]): string {
  const lines = MINIMAL.split('\n');
  for (const [line, text] of changes) lines[line - 1] = text;
  return lines.join('\n');
}

describe('the text of the file', () => {
  test.for<[string, string | Uint8Array, string]>([
    ['that is empty', '', 'lockstep.yaml: is empty; expected a map with servers and pairs'],
    [
      'that is only comments',
      '# nothing\n',
      'lockstep.yaml: is empty; expected a map with servers and pairs',
    ],
    ['that is a list', '\n- a\n', 'lockstep.yaml:2:1: expected a map with servers and pairs, found a list'],
    [
      'that is a word',
      'hello',
      'lockstep.yaml:1:1: expected a map with servers and pairs, found a single value',
    ],
    [
      'that is not UTF-8',
      Uint8Array.of(0x61, 0xff, 0xfe),
      'lockstep.yaml: expected UTF-8 text, found other bytes',
    ],
    [
      'that is no YAML',
      'servers:\n\tdb1: {}\n',
      'lockstep.yaml:2:1: not valid YAML: Tabs are not allowed as indentation',
    ],
    [
      'that ends too early',
      'servers: {db1: {host: x\n',
      'lockstep.yaml:2:1: not valid YAML: Flow map in block collection must be sufficiently indented and end with a }',
    ],
  ])('%s is refused', ([, content, expected]) => {
    expect(problems(content)).toContain(expected);
  });

  test('that cannot be read is refused', async () => {
    const { loadConfig, formatProblem } = await import('../../src/config/index.ts');
    const missing = loadConfig('/nowhere/lockstep.yaml', {});
    expect(missing.ok ? [] : missing.problems.map(formatProblem)).toEqual([
      '/nowhere/lockstep.yaml: cannot be read: there is no such file',
    ]);
    const folder = loadConfig('/tmp', {});
    expect(folder.ok ? [] : folder.problems.map(formatProblem)).toEqual([
      '/tmp: cannot be read: it is a folder, not a file',
    ]);
  });

  test('with an alias inside of what it stands for is refused', () => {
    const expected = 'lockstep.yaml: not valid: an alias stands inside of what it stands for';
    expect(problems('servers: {}\npairs: &p [*p]\n')).toEqual([expected]);
    expect(problems('servers: &s {a: {b: *s}}\npairs: []\n')).toEqual([expected]);
  });

  test('with aliases that would make millions of a few is refused', () => {
    const names = 'abcdefghi';
    const of = (name: string) => Array(9).fill(`*${name}`).join(', ');
    const lines = [...names].map((name, i) => `${name}: &${name} [${i === 0 ? 'x' : of(names[i - 1]!)}]`);
    expect(problems(`${lines.join('\n')}\n`)).toEqual([expect.stringContaining('Excessive alias count')]);
  });

  test('with the name that every object has is refused', () => {
    const expected = 'lockstep.yaml: not valid: "__proto__" cannot be the name of anything';
    expect(problems('servers: {__proto__: {host: x}}\npairs: []\n')).toEqual([expected]);
    expect(problems('{"servers": {"a": {"__proto__": {}}}, "pairs": []}')).toEqual([expected]);
  });

  test('with a key twice is refused, however deep it is', () => {
    expect(problems(minimal([4, '    host: again']))).toContain(
      'lockstep.yaml:4:5: servers.db1.host: "host" stands here a second time; the first is on line 3',
    );
    expect(problems(minimal([11, '  - source: db1\n    source: db1']))).toContain(
      'lockstep.yaml:12:5: pairs[0].source: "source" stands here a second time; the first is on line 11',
    );
  });
});

describe('a setting', () => {
  test.for<[string, string, string]>([
    [
      'of the wrong type',
      minimal([4, '    user: lockstep\n    port: abc']),
      'lockstep.yaml:5:11: servers.db1.port: expected a whole number from 1 to 65535, found "abc"',
    ],
    [
      'with what nobody sees, or a terminal obeys',
      minimal([4, '    user: lockstep\n    port: "a\\u202eb\\u009b31m"']),
      String.raw`lockstep.yaml:5:11: servers.db1.port: expected a whole number from 1 to 65535, found "a\u202eb\u009b31m"`,
    ],
    [
      'out of range',
      minimal([4, '    user: lockstep\n    port: 65536']),
      'lockstep.yaml:5:11: servers.db1.port: expected a whole number from 1 to 65535, found 65536',
    ],
    [
      'that is missing',
      minimal([3, '    port: 3306']),
      'lockstep.yaml:2:3: servers.db1.host: missing; expected a host name or an IP address, without port or path',
    ],
    [
      'with nothing after it',
      minimal([3, '    host:']),
      'lockstep.yaml:3:5: servers.db1.host: expected a host name or an IP address, without port or path, found nothing',
    ],
    [
      'that nobody knows',
      minimal([3, '    host: x\n    prot: 1']),
      'lockstep.yaml:4:11: servers.db1.prot: unknown key; did you mean "port"?',
    ],
    [
      'that is like no other',
      `${MINIMAL}log: {colour: red}`,
      'lockstep.yaml:13:15: log.colour: unknown key; known here: level, format',
    ],
    [
      'that is a section nobody knows',
      `${MINIMAL}alert: {}`,
      'lockstep.yaml:13:1: alert: unknown key; did you mean "alerts"?',
    ],
    [
      'that is no duration',
      `${MINIMAL}lag: {timeout: 5}`,
      'lockstep.yaml:13:16: lag.timeout: expected a duration from 250ms to 30s, such as 250ms, 5s, 24h or 7d, found 5',
    ],
    [
      'that is a duration out of range',
      `${MINIMAL}lag: {sampleInterval: 10ms}`,
      'lockstep.yaml:13:23: lag.sampleInterval: expected a duration from 100ms to 5s, such as 250ms, 5s, 24h or 7d, found "10ms"',
    ],
    [
      'that is no percentage',
      `${MINIMAL}defaults: {throttle: {maxFlowControl: 5}}`,
      'lockstep.yaml:13:39: defaults.throttle.maxFlowControl: expected a percentage such as 5%, or off, found 5',
    ],
    [
      'that is none of the words allowed',
      `${MINIMAL}log: {level: verbose}`,
      'lockstep.yaml:13:14: log.level: expected trace, debug, info, warn, error, fatal or silent, found "verbose"',
    ],
    [
      'that is no cron pattern',
      `${MINIMAL}    checks: {checksum: {cron: '0 25 * * *'}}`,
      'lockstep.yaml:13:31: pairs[0].checks.checksum.cron: expected a cron pattern, such as "0 3 * * *" (03:00 every day), found "0 25 * * *"',
    ],
    [
      'that is a point in time and no cron pattern',
      `${MINIMAL}    checks: {checksum: {cron: '2030-01-01T00:00:00'}}`,
      'lockstep.yaml:13:31: pairs[0].checks.checksum.cron: expected a cron pattern, such as "0 3 * * *" (03:00 every day), found "2030-01-01T00:00:00"',
    ],
    [
      'that says two schedules',
      `${MINIMAL}    checks: {checksum: {cron: '0 3 * * *', every: 1h}}`,
      'lockstep.yaml:13:31: pairs[0].checks.checksum.cron: expected every or cron, found both',
    ],
    [
      'that is too long a name of a server',
      MINIMAL.replace('servers:', `servers:\n  ${'x'.repeat(65)}: {host: h, user: u, password: p}`),
      `lockstep.yaml:2:3: servers.${'x'.repeat(65)}: expected a name of at most 64 letters, digits, spaces and . _ : @ -, starting with a letter or digit`,
    ],
    [
      'that is no window',
      `${MINIMAL}    checks: {checksum: {window: 02:00-25:00}}`,
      'lockstep.yaml:13:33: pairs[0].checks.checksum.window: expected two times of the day, such as "02:00–05:00", or off, found "02:00-25:00"',
    ],
    [
      'that is a window of no time',
      `${MINIMAL}    checks: {consistency: {window: 02:00–02:00}}`,
      'lockstep.yaml:13:36: pairs[0].checks.consistency.window: expected two times of the day, such as "02:00–05:00", or off, found "02:00–02:00"',
    ],
    [
      'that is no time zone',
      `${MINIMAL}    checks: {timeZone: Berlin}`,
      'lockstep.yaml:13:24: pairs[0].checks.timeZone: expected a time zone, such as Europe/Berlin or UTC, found "Berlin"',
    ],
    [
      'that is no table pattern',
      `${MINIMAL}    tables: [shop.*, orders]`,
      'lockstep.yaml:13:22: pairs[0].tables[1]: expected a pattern schema.table, such as shop.* or shop.order_??, found "orders"',
    ],
    [
      'that selects a system schema',
      `${MINIMAL}    tables: {include: [mysql.user]}`,
      'lockstep.yaml:13:24: pairs[0].tables.include[0]: expected a pattern of tables that are compared; system schemas never are, found "mysql.user"',
    ],
    [
      'that selects nothing',
      `${MINIMAL}    tables: []`,
      'lockstep.yaml:13:5: pairs[0].tables: expected at least one pattern schema.table, found an empty list',
    ],
    [
      'inside an override',
      `${MINIMAL}    tables: {overrides: [{match: a.b, method: fast}]}`,
      'lockstep.yaml:13:47: pairs[0].tables.overrides[0].method: expected rows or native, found "fast"',
    ],
    [
      'that names no rule of alerts',
      `${MINIMAL}alerts: {severities: {lags: off}}`,
      'lockstep.yaml:13:29: alerts.severities.lags: unknown key; did you mean "lag"?',
    ],
    [
      'that is no origin',
      `${MINIMAL}http: {allowedOrigins: ['https://ops.example.com/path']}`,
      'lockstep.yaml:13:25: http.allowedOrigins[0]: expected the origin of a site, such as https://ops.example.com, found "https://ops.example.com/path"',
    ],
    [
      'of lag that is critical before it is a warning',
      `${MINIMAL}    lag: {critical: 5s}`,
      'lockstep.yaml:13:21: pairs[0].lag.critical: expected critical ("5s") to be at least warning ("10s"), found that it is not',
    ],
    [
      'of lag that is a warning before a sample can tell it',
      `${MINIMAL}    lag: {warning: 400ms}`,
      'lockstep.yaml:13:20: pairs[0].lag.warning: expected warning ("400ms") to be at least twice lag.sampleInterval ("250ms"), or no sample can tell whether it is reached',
    ],
    [
      'of a delay that shrinks',
      `${MINIMAL}connection: {firstDelay: 2m}`,
      'lockstep.yaml:13:26: connection.firstDelay: expected maxDelay ("60s") to be at least firstDelay ("2m"), found that it is not',
    ],
  ])('%s is refused', ([, content, expected]) => {
    expect(problems(content)).toEqual([expected]);
  });
});

describe('servers and pairs', () => {
  test.for<[string, string, string]>([
    [
      'without any pair',
      'servers: {}\npairs: []\n',
      'lockstep.yaml:2:1: pairs: expected at least one pair, found an empty list',
    ],
    [
      'without the list of pairs',
      'servers: {}\n',
      'lockstep.yaml:1:1: pairs: missing; expected a list of pairs',
    ],
    [
      'with a reference to nowhere',
      minimal([12, '    target: db3']),
      'lockstep.yaml:12:13: pairs[0].target: expected the name of a server under servers, found "db3"; did you mean "db1"?',
    ],
    [
      'with one server on both sides',
      minimal([12, '    target: db1']),
      'lockstep.yaml:12:13: pairs[0].target: expected another server than the source, found "db1" on both sides',
    ],
    [
      'with one address on both sides',
      minimal([7, '    host: DB1.example.com']),
      'lockstep.yaml:12:13: pairs[0].target: expected another server than the source, found the same address db1.example.com:3306 on both sides',
    ],
    [
      'with this machine on both sides, under two names',
      minimal([3, '    host: 127.0.0.1'], [7, '    host: localhost']),
      'lockstep.yaml:12:13: pairs[0].target: expected another server than the source, found the same address localhost:3306 on both sides',
    ],
    [
      'with a name used twice',
      `${MINIMAL}  - {source: db2, target: db1, name: db1-db2}\n`,
      'lockstep.yaml:13:38: pairs[1].name: expected a name of its own, found "db1-db2", which pairs[0] has as well',
    ],
    [
      'without a password',
      minimal([5, '']),
      'lockstep.yaml:2:3: servers.db1.password: missing; expected password or passwordFile (password: "" for an account without one)',
    ],
    [
      'with two passwords',
      minimal([5, '    password: x\n    passwordFile: lockstep.yaml']),
      'lockstep.yaml:6:19: servers.db1.passwordFile: expected password or passwordFile, found both',
    ],
    [
      'with a password and a command for it',
      minimal([5, '    password: x\n    passwordCommand: [token]']),
      'lockstep.yaml:6:5: servers.db1.passwordCommand: expected password or passwordCommand, found both',
    ],
    [
      'with a password file that cannot be read',
      minimal([5, '    passwordFile: nothing-here']),
      'lockstep.yaml:5:19: servers.db1.passwordFile: expected a file that can be read, found "nothing-here": there is no such file',
    ],
    [
      'with a certificate that is none',
      minimal([5, '    password: x\n    tls: {ca: lockstep.yaml}']),
      'lockstep.yaml:6:15: servers.db1.tls.ca: expected a file that can be read, found "lockstep.yaml": it holds no PEM text (-----BEGIN …)',
    ],
    [
      'with an inline server that takes the name of another',
      `${MINIMAL}  - {source: db1, target: {name: db2, host: other, user: u, password: p}}\n`,
      'lockstep.yaml:13:19: pairs[1].target: expected a server name of its own, found "db2", which stands under servers: refer to it by its name',
    ],
  ])('%s are refused', ([, content, expected]) => {
    expect(problems(content)).toContain(expected);
  });
});

describe('a service that other machines can reach', () => {
  const open =
    'expected http.auth with tokens, because "0.0.0.0" can be reached from other machines (or auth: none, to let everybody in)';

  test('is refused without tokens', () => {
    expect(problems(`${MINIMAL}http: {host: 0.0.0.0}`)).toEqual([
      `lockstep.yaml:13:14: http.host: ${open}, found no http.auth`,
    ]);
    expect(problems(MINIMAL, { env: { LOCKSTEP_HTTP__HOST: '0.0.0.0' } })).toEqual([
      `environment variable LOCKSTEP_HTTP__HOST: http.host: ${open}, found no http.auth`,
    ]);
  });

  test.for<[string, string, string]>([
    [
      'without a secret',
      '{name: a, role: viewer}',
      'tokens[0].tokenHash: missing; expected one of tokenHash, tokenFile and token',
    ],
    [
      'with a short secret',
      '{name: a, role: viewer, token: short}',
      'tokens[0].token: expected a token of at least 16 characters, found another text',
    ],
    [
      'with no role',
      '{name: a, token: sixteen-characters}',
      'tokens[0].role: missing; expected viewer or operator',
    ],
    [
      'with a hash that is none',
      '{name: a, role: viewer, tokenHash: md5}',
      'tokens[0].tokenHash: expected sha256: and 64 hexadecimal digits, found another text',
    ],
  ])('is refused a token %s', ([, token, expected]) => {
    const found = problems(`${MINIMAL}http: {host: 0.0.0.0, auth: {tokens: [${token}]}}`);
    expect(found.map((line) => line.replace(/^.*http\.auth\./, ''))).toEqual([expected]);
  });
});

describe('a heartbeat', () => {
  const table = 'a table schema.table, such as percona.heartbeat';
  const lines = (text: string) => problems(text).map((line) => line.replace(/^(.*?:\d+):\d+/, '$1'));

  test.for<[string, string]>([
    [
      'true',
      'lockstep.yaml:13: pairs[0].heartbeat: expected a map with the table that pt-heartbeat writes, or off, found true',
    ],
    ['{utc: true}', `lockstep.yaml:13: pairs[0].heartbeat.table: expected ${table}, found nothing`],
    [
      '{table: heartbeat}',
      `lockstep.yaml:13: pairs[0].heartbeat.table: expected ${table}, found "heartbeat"`,
    ],
    [
      '{table: p.h, interval: 1ms}',
      'lockstep.yaml:13: pairs[0].heartbeat.interval: expected a duration from 100ms to 1m, such as 250ms, 5s, 24h or 7d, found "1ms"',
    ],
    [
      '{table: p.h, serverId: db1}',
      'lockstep.yaml:13: pairs[0].heartbeat.serverId: expected a whole number from 0 to 4294967295, found "db1"',
    ],
    ['{table: p.h, uct: true}', 'lockstep.yaml:13: pairs[0].heartbeat.uct: unknown key; did you mean "utc"?'],
  ])('%s is refused', ([heartbeat, expected]) => {
    expect(lines(minimal([13, `    heartbeat: ${heartbeat}\n`]))).toEqual([expected]);
  });

  test('without a table is refused once where it stands, however many pairs take it from there', () => {
    const text = minimal([13, '  - {source: db2, target: db1}\ndefaults:\n  heartbeat: {utc: true}\n']);
    expect(lines(text)).toEqual([
      `lockstep.yaml:15: defaults.heartbeat.table: expected ${table}, found nothing`,
    ]);
  });
});

test('everything that is wrong is named at once, in the order of the file', () => {
  const found = problems(
    `servers:
  db1: {hots: db1, port: 0, user: x, password: y}
  db2: {host: db2, user: 7, password: y}
pairs:
  - {name: a, source: db1, target: db3}
  - {name: a, source: db2, target: db2, lag: {warning: soon}}
htpp: {}
`,
    { env: { LOCKSTEP_LOG__LEVEL: 'loud', LOCKSTEP_HTTP__PROT: '1' } },
  );
  expect(found.map((line) => line.replace(/: (expected|missing|unknown).*/, ''))).toEqual([
    'lockstep.yaml:2:3: servers.db1.host',
    'lockstep.yaml:2:15: servers.db1.hots',
    'lockstep.yaml:2:26: servers.db1.port',
    'lockstep.yaml:3:26: servers.db2.user',
    'lockstep.yaml:5:36: pairs[0].target',
    'lockstep.yaml:6:12: pairs[1].name',
    'lockstep.yaml:6:36: pairs[1].target',
    'lockstep.yaml:6:56: pairs[1].lag.warning',
    'lockstep.yaml:7:1: htpp',
    'environment variable LOCKSTEP_HTTP__PROT',
    'environment variable LOCKSTEP_LOG__LEVEL: log.level',
  ]);
});

test('a socket is the whole way to a server', () => {
  const text = MINIMAL.replace('host: db1.example.com', 'socket: /run/mysqld.sock\n    port: 3307').replace(
    '    host: db2.example.com\n',
    '',
  );
  expect(problems(text)).toEqual([
    "lockstep.yaml:4:11: servers.db1.port: expected none beside a socket, which leads to this machine's own server",
    'lockstep.yaml:7:3: servers.db2.host: missing; expected a host name or an IP address, without port or path',
  ]);
});

describe('who is asked who they are', () => {
  test.each([
    ['auth: {}', 'http.auth.tokens: missing; expected at least one of tokens, proxyHeader and oidc'],
    [
      'auth: {proxyHeader: {name: X-User, defaultRole: viewer}}',
      'http.trustedProxies: missing; expected the proxies whose http.auth.proxyHeader is believed',
    ],
    [
      'trustedProxies: [127.0.0.1], auth: {proxyHeader: {name: X-User, roles: {operator: [dba]}}}',
      'http.auth.proxyHeader.roleHeader: missing; expected what http.auth.proxyHeader.roles are found by',
    ],
    [
      'trustedProxies: [127.0.0.1], auth: {proxyHeader: {name: X-User, roleHeader: X-Groups}}',
      'http.auth.proxyHeader.roles: missing; expected which values of http.auth.proxyHeader.roleHeader make a role',
    ],
    [
      'trustedProxies: [127.0.0.1], auth: {proxyHeader: {name: X-User}}',
      'http.auth.proxyHeader.defaultRole: missing; expected viewer or operator, or roleHeader and roles',
    ],
    [
      'trustedProxies: [127.0.0.1], auth: {proxyHeader: {name: "X User", defaultRole: admin}}',
      'http.auth.proxyHeader.defaultRole: expected viewer or operator, found "admin"',
    ],
    [
      'auth: {oidc: {issuer: "https://a.example", clientId: x, defaultRole: viewer}}',
      'http.publicUrl: missing; expected where people reach the page, for the provider of http.auth.oidc sends them back there',
    ],
    [
      'auth: {oidc: {issuer: "http://a.example", clientId: x, defaultRole: viewer}}',
      'http.auth.oidc.issuer: expected the issuer of the provider, such as https://login.example.com (http:// on this machine only), found "http://a.example"',
    ],
    [
      'auth: {oidc: {issuer: "https://a.example", clientId: x, clientSecret: a, clientSecretFile: b, defaultRole: viewer}}',
      'http.auth.oidc.clientSecretFile: expected one of clientSecret and clientSecretFile, found both',
    ],
    [
      'auth: {oidc: {issuer: "https://a.example", clientId: x, scopes: [profile], defaultRole: viewer}}',
      'http.auth.oidc.scopes: expected a list of scopes with openid among them, found a list',
    ],
    [
      'auth: {oidc: {issuer: "https://a.example", clientId: x}}',
      'http.auth.oidc.defaultRole: missing; expected viewer or operator, or roleClaim and roles',
    ],
  ])('can say it, and what they say leads to a role: %s', (http, expected) => {
    const found = problems(`${MINIMAL}http: {${http}}`);
    expect(found.map((line) => line.replace(/^lockstep\.yaml[\d:]* /, ''))).toContain(expected);
  });
});
