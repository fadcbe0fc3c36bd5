import { join } from 'node:path';
import type { FreshSchema, ServerHandle } from '@lockstep/servers';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, test } from 'vitest';
import { writeFiles } from '../config/write.ts';
import { cli } from './run.ts';

const server = ({ host, port, monitor }: ServerHandle) =>
  JSON.stringify({ host, port, user: monitor.user, password: monitor.password });

function configure({ source, target, name }: FreshSchema, more = ''): string {
  const text = `servers: { first: ${server(source)}, second: ${server(target)} }
pairs:
  - name: real
    source: first
    target: second
    tables: { include: ['${name}.*'], overrides: [{ match: '${name}.orders', ignoreColumns: [seen] }] }
${more}`;
  return join(writeFiles({ 'lockstep.yaml': text }), 'lockstep.yaml');
}

/** `orders` differs in rows 2 (status) and 3 (seen), `old_one` in its only row; `quiet` is the same. */
async function tables(flavour: (typeof flavours)[number]): Promise<FreshSchema> {
  const schema = await freshSchema(flavour);
  const { source, target, sql } = schema;
  await source.query(`CREATE TABLE ${sql}.orders (id INT PRIMARY KEY, status INT, seen INT)`);
  await source.query(`CREATE TABLE ${sql}.quiet (id INT PRIMARY KEY)`);
  await source.query(`CREATE TABLE ${sql}.old_one (id INT PRIMARY KEY, status INT)`);
  await source.query(`INSERT INTO ${sql}.orders VALUES (1, 1, 1), (2, 1, 1), (3, 1, 1)`);
  await source.query(`INSERT INTO ${sql}.quiet VALUES (1)`);
  await source.query(`INSERT INTO ${sql}.old_one VALUES (1, 1)`);
  await schema.caughtUp();
  const root = await target.connect();
  await root.query('SET sql_log_bin=0');
  await root.query(`UPDATE ${sql}.orders SET status = 2 WHERE id = 2`);
  await root.query(`UPDATE ${sql}.orders SET seen = 2 WHERE id = 3`);
  await root.query(`UPDATE ${sql}.old_one SET status = 2`);
  await root.end();
  return schema;
}

describe.each(flavours)('%s: lockstep check', (flavour) => {
  test('looks at what a pattern fits of what the pair selects', async () => {
    const schema = await tables(flavour);
    const file = configure(schema);
    const { name } = schema;
    const quiet = await cli(['check', '-c', file, '--table', `${name}.q*`]);
    expect(quiet).toMatchObject({ code: 0, stderr: '' });
    expect(quiet.stdout).toContain('1 match');
    const two = await cli(['check', '-c', file, '--table', `${name}.o?*`, '--table', `${name}.quiet`]);
    expect(two.code).toBe(1);
    expect(two.stdout).toContain('2 different, 1 match');
    const none = await cli(['check', '-c', file, '--table', `${name}.none*`]);
    expect(none.code).toBe(2);
    expect(none.stdout).toContain(`${name}.none*`);
  });

  test('leaves out rows and columns for this once, beside what is configured', async () => {
    const schema = await tables(flavour);
    const file = configure(schema);
    const orders = ['check', '-c', file, '--table', `${schema.name}.orders`];
    expect((await cli(orders)).stdout).toContain('1 row changed');
    expect((await cli([...orders, '--where', 'id <> 2'])).code).toBe(0);
    expect((await cli([...orders, '--ignore-columns', 'status'])).code).toBe(0);
    expect((await cli([...orders, '--where', 'id > 0', '--ignore-columns', 'id2'])).code).toBe(1);
  });

  test('is quiet of what matches, and of all where all does', async () => {
    const schema = await tables(flavour);
    const file = configure(schema);
    const all = await cli(['check', '-c', file, '--quiet']);
    expect(all.code).toBe(1);
    expect(all.stdout).toContain('old_one');
    expect(all.stdout).not.toContain('.quiet');
    const match = await cli(['check', '-c', file, '-q', '--table', `${schema.name}.quiet`]);
    expect(match).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('explains what it would do, and reads no row', async () => {
    const schema = await tables(flavour);
    const { code, stdout } = await cli(['check', '-c', configure(schema), '--explain']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/orders {2}about [\d,]+ rows?s?, by id, in chunks/);
    expect(stdout).toContain('not compared: seen');
    expect(stdout).toContain(`FROM \`${schema.name}\`.\`orders\``);
  });

  test('stops when its time is over, and does not call that a match', async () => {
    const schema = await tables(flavour);
    const file = configure(schema, 'connection: { attempts: 3 }\n');
    const args = ['check', '-c', file, '--table', `${schema.name}.quiet`];
    const { code, stderr } = await cli([...args, '--timeout', '1ms']);
    expect(code).toBe(2);
    expect(stderr).toContain('Not done within 0.001 s');
  });
});

test('a server that refuses ends a check with the attempts that were made', async () => {
  const schema = await freshSchema(flavours[0] ?? 'mariadb');
  const dead =
    '  - { name: dead, source: first, target: { host: 127.0.0.1, port: 1, user: u, password: p } }\n';
  const { code, stdout } = await cli(['check', '-c', configure(schema, dead), '--pair', 'dead']);
  expect(code).toBe(2);
  expect(stdout).toMatch(/127\.0\.0\.1:1 was not reached in 3 attempts within .*: connection refused/);
});
