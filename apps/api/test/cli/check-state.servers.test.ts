import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { UnfinishedCheck } from '@lockstep/checks';
import type { FreshSchema, ServerHandle } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { expect, test, vi } from 'vitest';
import { writeFiles } from '../config/write.ts';
import { lockstep } from './program.ts';
import { cli } from './run.ts';

const rows = 5000;
const server = ({ host, port, monitor }: ServerHandle) =>
  JSON.stringify({ host, port, user: monitor.user, password: monitor.password });

/** `a` differs in row 1; `b`, whose every row takes its time, in one near its end. */
async function slowTables() {
  const schema = await freshSchema(flavours[0] ?? 'mariadb');
  const { source, sql } = schema;
  const limit = source.flavour === 'mysql' ? 'cte_max_recursion_depth' : 'max_recursive_iterations';
  await source.query(`SET SESSION ${limit} = 100000`);
  for (const table of ['a', 'b']) {
    await source.query(`CREATE TABLE ${sql}.${table} (id INT PRIMARY KEY, v INT)`);
    await source.query(
      `INSERT INTO ${sql}.${table} WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) SELECT i, i FROM n`,
    );
  }
  await schema.caughtUp();
  await plant(schema, `UPDATE ${sql}.a SET v = -1 WHERE id = 1`);
  await plant(schema, `UPDATE ${sql}.b SET v = -1 WHERE id = ${rows - 3}`);
  return schema;
}

/** On the target alone. */
async function plant({ target }: FreshSchema, statement: string): Promise<void> {
  const root = await target.connect();
  await root.query('SET sql_log_bin=0');
  await root.query(statement);
  await root.end();
}

function configure({ source, target, name }: FreshSchema, pair = 'source: first, target: second'): string {
  const text = `servers: { first: ${server(source)}, second: ${server(target)} }
pairs:
  - { name: p, ${pair}, tables: { include: ['${name}.*'], overrides: [{ match: '*.b', where: 'SLEEP(0.001) = 0' }] } }
defaults: { verify: { maxChunkRows: 100 } }
`;
  return join(writeFiles({ 'lockstep.yaml': text }), 'lockstep.yaml');
}

/** Calls of some seconds each, longer where they come nowhere, until one was stopped in the middle of `b`. */
async function unfinished(schema: FreshSchema): Promise<{ args: string[]; state: string }> {
  const file = configure(schema);
  const state = join(file, '..', 'state.json');
  const args = ['check', '-c', file, '--state', state];
  let seconds = 1;
  await vi.waitFor(async () => {
    seconds++;
    const { code, stderr } = await cli([...args, '--run-time', `${seconds}s`]);
    // Nothing is called the same that was not compared.
    expect(code).not.toBe(0);
    if (!existsSync(state)) seconds = 1;
    expect(stderr).toContain(`Not done within ${seconds} s. The next call with --state ${state} goes on.`);
    const { checks } = JSON.parse(readFileSync(state, 'utf8')) as { checks: Record<string, UnfinishedCheck> };
    expect(Object.values(checks)[0]).toMatchObject({ done: [{ table: 'a' }], checkpoint: { table: 'b' } });
  }, patient);
  return { args, state };
}

test('a check whose run time is over is gone on with by the next call, from its last finished chunk', async () => {
  const schema = await slowTables();
  const { args, state } = await unfinished(schema);
  expect(statSync(state).mode & 0o777).toBe(0o600);
  // Who looks where it was looked already would see these.
  await plant(schema, `UPDATE ${schema.sql}.a SET v = -1 WHERE id = 2`);
  await plant(schema, `UPDATE ${schema.sql}.b SET v = -1 WHERE id = 1`);

  const { code, stdout, stderr } = await cli(args);
  expect(stderr).toMatch(/^p: goes on with what was begun at /);
  expect(stdout).toContain('2 different');
  expect(stdout).toMatch(/\.a {2}1 row changed, as of \d{4}-/);
  expect(stdout).toMatch(/\.b {2}1 row changed\n/);
  expect(stdout).toContain(`id=${rows - 3}`);
  expect([code, existsSync(state)]).toEqual([1, false]);
});

test('what an earlier call found with another definition is not believed, nor anything with other settings or servers', async () => {
  const schema = await slowTables();
  const { args } = await unfinished(schema);
  await schema.source.query(`ALTER TABLE ${schema.sql}.a ADD COLUMN w INT`);
  await schema.caughtUp();
  await plant(schema, `UPDATE ${schema.sql}.a SET v = -1 WHERE id = 2`);
  expect((await cli(args)).stdout).toMatch(/\.a {2}2 rows changed\n/);

  const settings = await unfinished(schema);
  await beginsAnew([...settings.args, '--ignore-columns', 'v'], 'it was compared under other settings');
  const servers = await unfinished(schema);
  const turned = servers.args.with(2, configure(schema, 'source: second, target: first'));
  await beginsAnew(turned, 'it was compared with another server');
});

async function beginsAnew(args: string[], because: string): Promise<void> {
  const program = lockstep(args);
  await vi.waitFor(() => expect(program.stderr).toContain(`p: begun anew: ${because}`), patient);
  program.child.kill('SIGINT');
  await program.ended;
}
