import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { MINIMAL, writeFiles } from '../config/write.ts';
import { cli } from './run.ts';

test('a sound configuration is printed as it is in effect, with origins and without secrets', async () => {
  const file = join(writeFiles({ 'lockstep.yaml': MINIMAL }), 'lockstep.yaml');
  const { code, stdout, stderr } = await cli(['config', 'check', '--config', file], {
    env: { LOCKSTEP_HTTP__PORT: '9000' },
  });
  expect(code).toBe(0);
  expect(stderr).toBe(`${file} is valid: 2 servers, 1 pair.\n`);
  expect(stdout).toContain('    password: •••• # lockstep.yaml:5\n');
  expect(stdout).toContain('  port: 9000 # LOCKSTEP_HTTP__PORT\n');
  expect(stdout).not.toContain('first-password');
  expect(parse(stdout)).toMatchObject({
    servers: { db1: { host: 'db1.example.com', port: 3306 } },
    pairs: [{ name: 'db1-db2', lag: { warning: '10s' }, checks: { consistency: { every: '15m' } } }],
    http: { port: 9000, graphiql: true, allowedOrigins: [] },
  });
});

test('a sound configuration whose history could not be kept ends with 1, and says why', async () => {
  const folder = writeFiles({
    'lockstep.yaml': `${MINIMAL}storage: { file: notes.db }\n`,
    'notes.db': 'my notes '.repeat(200),
  });
  const file = join(folder, 'lockstep.yaml');
  const { code, stdout, stderr } = await cli(['config', 'check', '--config', file], {
    env: { LOCKSTEP_STORAGE__FILE: join(folder, 'notes.db') },
  });
  expect(code).toBe(1);
  expect(stdout).not.toBe('');
  expect(stderr).toMatch(
    /History would not be kept: cannot use .*notes\.db.*: file is not a database; .*move it away/,
  );
});

test('a faulty configuration ends with 3 and the faults on standard error', async () => {
  const file = join(
    writeFiles({ 'lockstep.yaml': `${MINIMAL}htpp: {}\nlog: {level: loud}\n` }),
    'lockstep.yaml',
  );
  const { code, stdout, stderr } = await cli(['config', 'check'], { env: { LOCKSTEP_CONFIG: file } });
  expect(code).toBe(3);
  expect(stdout).toBe('');
  expect(stderr.split('\n')).toEqual([
    `${file}:13:1: htpp: unknown key; did you mean "http"?`,
    `${file}:14:14: log.level: expected trace, debug, info, warn, error, fatal or silent, found "loud"`,
    '2 problems in the configuration.',
    '',
  ]);
});

test.for(['serve', 'check'])('%s does not start with a faulty configuration', async (command) => {
  const { code, stderr } = await cli([command, '--config', '/nowhere.yaml']);
  expect(code).toBe(3);
  expect(stderr).toContain('/nowhere.yaml: cannot be read: there is no such file');
});

test('without any configuration it is said how to give one', async () => {
  const { code, stderr } = await cli(['config', 'check']);
  expect(code).toBe(3);
  expect(stderr).toContain('no configuration: give --config FILE');
});
