import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { FreshSchema, ServerHandle } from '@lockstep/servers';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test } from 'vitest';
import { writeFiles } from '../config/write.ts';
import { cli } from './run.ts';

async function oneTable(flavour: (typeof flavours)[number]): Promise<FreshSchema> {
  const schema = await freshSchema(flavour);
  await schema.source.query(`CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY)`);
  await schema.caughtUp();
  return schema;
}

/** An account that both servers have, as accounts made on a source are. */
async function account({ source, sql, caughtUp }: FreshSchema): Promise<{ user: string; password: string }> {
  const user = `u${randomBytes(4).toString('hex')}`;
  const password = `a # "${user}"`;
  await source.query(`CREATE USER '${user}'@'localhost' IDENTIFIED BY '${password}'`);
  await source.query(`GRANT SELECT ON ${sql}.* TO '${user}'@'localhost'`);
  const privilege = source.flavour === 'mysql' ? 'REPLICATION CLIENT' : 'SLAVE MONITOR, BINLOG MONITOR';
  await source.query(`GRANT ${privilege} ON *.* TO '${user}'@'localhost'`);
  if (source.flavour === 'mysql') {
    await source.query(`GRANT SELECT ON performance_schema.* TO '${user}'@'localhost'`);
  }
  onTestFinished(async () => void (await source.query(`DROP USER '${user}'@'localhost'`)));
  await caughtUp();
  return { user, password };
}

describe.each(flavours)('%s, without a file', (flavour) => {
  test('two servers are compared that are named by host, port and account', async () => {
    const schema = await oneTable(flavour);
    const { source, target, name } = schema;
    const at = ({ port }: ServerHandle) => `127.0.0.1:${port}`;
    const args = ['--source', at(source), '--target', `${target.monitor.user}@${at(target)}`];
    const ran = await cli(
      ['check', ...args, '--user', source.monitor.user, '--ask-pass', '--table', `${name}.t`],
      { stdin: Readable.from([`${source.monitor.password}\n${target.monitor.password}\n`]) },
    );
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toContain(`${at(source)} → ${at(target)}`);
  });

  test('what is not said is in the option file, and a socket is a way, in a configuration file too', async () => {
    const schema = await oneTable(flavour);
    const { source, target, name } = schema;
    const { user, password } = await account(schema);
    const options = `[client]\nuser=${user}\npassword='${password}'\n`;
    const server = ({ socket }: ServerHandle) => JSON.stringify({ socket, user, password });
    const folder = writeFiles({
      '.my.cnf': options,
      'other.cnf': options,
      'lockstep.yaml': `servers: { a: ${server(source)}, b: ${server(target)} }\npairs: [{ source: a, target: b, tables: [${name}.*] }]\n`,
    });
    const args = ['check', '--source', source.socket, '--target', target.socket, '--table', `${name}.t`];
    const home = await cli(args, { env: { HOME: folder } });
    expect(home).toMatchObject({ code: 0, stderr: '' });
    expect(home.stdout).toContain('source → target');
    const given = await cli([...args, '--defaults-file', join(folder, 'other.cnf')]);
    expect(given).toMatchObject({ code: 0, stderr: '' });
    const configured = await cli(['check', '--config', join(folder, 'lockstep.yaml')]);
    expect(configured).toMatchObject({ code: 0, stderr: '' });
  });
});

test('a place that is none, an account that nobody named, and half a pair are told', async () => {
  const said = async (...args: string[]) => {
    const { code, stderr } = await cli(['check', ...args]);
    expect(code).toBe(3);
    return stderr;
  };
  const user = ['--user', 'u'];
  expect(await said('--source', 'a:b:c', '--target', 'x', ...user)).toContain(
    '--source a:b:c: expected HOST, HOST:PORT',
  );
  expect(await said('--source', 'a', '--target', 'b')).toContain('--source: whose account?');
  expect(await said('--source', 'a', ...user)).toContain('--source HOST goes with --target HOST');
  expect(await said('--source', 'a', '--target', 'a', ...user)).toContain('another server than the source');
  expect(await said('--source', 'a_!', '--target', 'b', ...user)).toContain('expected a host name');
  expect(await said(...user)).toContain('--user goes with --source and --target');
  expect(await said('--source', 'a', '--target', 'b', '--config', 'c')).toContain('not both');
});
