import { expect, test } from 'vitest';
import { parsePlace } from '../../src/cli/place.ts';
import { cli } from './run.ts';

test.each([
  ['db1', { host: 'db1' }],
  ['anna@db1:3307', { user: 'anna', host: 'db1', port: 3307 }],
  ['anna@example.com@db1', { user: 'anna@example.com', host: 'db1' }],
  ['anna@[::1]:3307', { user: 'anna', host: '::1', port: 3307 }],
  ['anna@/run/mysqld.sock', { user: 'anna', socket: '/run/mysqld.sock' }],
  ['/run/a@b/mysqld.sock', { socket: '/run/a@b/mysqld.sock' }],
])('a server is named %s', (text, place) => {
  expect(parsePlace(text, '--source')).toEqual(place);
});

test.each(['anna:SECRET@db1', 'mysql://anna:SECRET@db1:3306/shop', 'anna:SEC/RET@db1', 'anna:SECRET@'])(
  'a password in the name of a server is refused, and goes nowhere: %s',
  async (text) => {
    const { code, stdout, stderr } = await cli(['check', '--source', text, '--target', 'db2']);
    expect(code).toBe(3);
    expect(stderr).toContain('a password is given by --ask-pass, $MYSQL_PWD or --defaults-file FILE');
    expect(stdout + stderr).not.toMatch(/SEC|RET/);
  },
);
