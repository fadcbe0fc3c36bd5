import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clientOptions } from '../../src/config/client-options.ts';
import { writeFiles } from './write.ts';

function read(files: Record<string, string>) {
  return clientOptions(join(writeFiles(files), 'my.cnf'));
}

test('options of clients are read, those of servers are not', () => {
  const text = `# a comment
; another
[mysqld]
user = mysql
port = 3307
[mariadb]
user = mysql
[client]
user = lockstep
port=3308
[mysql]
host = db1.example.com
no-auto-rehash
`;
  expect(read({ 'my.cnf': text })).toEqual({ user: 'lockstep', port: 3308, host: 'db1.example.com' });
});

test('a value is quoted, escaped and commented as MySQL has it', () => {
  const password = (line: string) => read({ 'my.cnf': `[client]\npassword${line}\n` }).password;
  expect(password(' = plain   # a comment')).toBe('plain');
  expect(password('="a # within"  # without')).toBe('a # within');
  expect(password("='it''s'")).toBe("it''s");
  expect(password('="say \\"x\\"" # y')).toBe('say "x"');
  expect(password('=a\\sb\\\\c\\d')).toBe('a b\\c\\d');
  expect(password('=a=b')).toBe('a=b');
  expect(password('=')).toBe('');
});

test('what stands later wins, underscores are dashes, and loose is no matter', () => {
  const text = '[client]\nssl_ca=/a.pem\nloose-ssl-mode=verify_identity\n[lockstep]\nssl-ca=/b.pem\n';
  expect(read({ 'my.cnf': text })).toEqual({ tls: { ca: '/b.pem', verifyIdentity: true } });
});

test('TLS is off where it is said to be', () => {
  expect(read({ 'my.cnf': '[client]\nssl-mode=DISABLED\nssl-ca=/a.pem\n' })).toEqual({ tls: false });
  expect(read({ 'my.cnf': '[client]\nskip-ssl\n' })).toEqual({ tls: false });
});

test('files and folders are included, and circles end', () => {
  const files = {
    'my.cnf': '!include one.cnf\n!includedir more\n[client]\nhost=here\n',
    'one.cnf': '[client]\nuser=one\nhost=one\n',
    'more/b.cnf': '[client]\nuser=b\n',
    'more/a.cnf': '[client]\nuser=a\nport=1\n',
    'more/c.txt': '[client]\nuser=c\n',
  };
  expect(read(files)).toEqual({ user: 'b', port: 1, host: 'here' });
  expect(() => read({ 'my.cnf': '!include my.cnf\n' })).toThrow('include each other');
});

test('a file that everybody may write is not believed, nor one that is none', () => {
  const folder = writeFiles({ 'my.cnf': '[client]\nuser=x\n', 'bad.cnf': 'user=x\n' });
  chmodSync(join(folder, 'my.cnf'), 0o666);
  expect(() => clientOptions(join(folder, 'my.cnf'))).toThrow('it can be written by everybody');
  expect(() => clientOptions(join(folder, 'bad.cnf'))).toThrow('bad.cnf:1: an option before any [group]');
  expect(() => clientOptions(join(folder, 'none.cnf'))).toThrow('there is no such file');
});
