import { join } from 'node:path';
import type { RepairText } from '@lockstep/checks';
import type { FreshSchema, ServerHandle } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { writeFiles } from '../config/write.ts';
import { lockstep } from './program.ts';

const server = ({ host, port, monitor }: ServerHandle) =>
  JSON.stringify({ host, port, user: monitor.user, password: monitor.password });

/** A configuration file for a pair on real servers. */
function configure({ source, target, name }: FreshSchema, pairs = '', more = ''): string {
  const text = `servers:
  first: ${server(source)}
  second: ${server(target)}
pairs:
  - name: real
    source: first
    target: second
    tables: {include: ['${name}.*']${more}}
${pairs}`;
  return join(writeFiles({ 'lockstep.yaml': text }), 'lockstep.yaml');
}

/** On the target alone. */
async function plant({ target }: FreshSchema, ...statements: string[]): Promise<void> {
  const connection = await target.connect();
  try {
    await connection.query('SET sql_log_bin=0');
    for (const statement of statements) await connection.query(statement);
  } finally {
    await connection.end();
  }
}

async function customers(schema: FreshSchema): Promise<void> {
  const { source, sql } = schema;
  await source.query(`CREATE TABLE ${sql}.customers (id INT PRIMARY KEY, status VARCHAR(20) NOT NULL)`);
  await source.query(`CREATE TABLE ${sql}.quiet (id INT PRIMARY KEY)`);
  const rows = Array.from({ length: 50 }, (_, index) => `(${index * 100}, 'fine')`);
  await source.query(`INSERT INTO ${sql}.customers VALUES ${rows.join(', ')}`);
  await source.query(`INSERT INTO ${sql}.quiet VALUES (1), (2)`);
  await schema.caughtUp();
}

interface Report {
  pairs: {
    pair: string;
    tables: {
      table: string;
      verdict: string;
      differences: object;
      rows: object[];
      rowsCompared: number;
      repair?: RepairText;
    }[];
  }[];
}

describe.each(flavours)('lockstep check on %s', (flavour) => {
  test('ends with 0 where all is the same', async () => {
    const schema = await freshSchema(flavour);
    await customers(schema);
    const program = lockstep(['check', '--config', configure(schema), '--format', 'json']);
    expect([await program.ended, program.stderr]).toEqual([0, '']);
    const { pairs } = JSON.parse(program.stdout) as Report;
    expect(pairs).toMatchObject([
      {
        pair: 'real',
        tables: [
          { schema: schema.name, table: 'customers', verdict: 'MATCH', rowsCompared: 50, rows: [] },
          { schema: schema.name, table: 'quiet', verdict: 'MATCH', rowsCompared: 2, rows: [] },
        ],
      },
    ]);
  });

  test('ends with 1 and names every row where data differs', async () => {
    const schema = await freshSchema(flavour);
    await customers(schema);
    await plant(
      schema,
      `UPDATE ${schema.sql}.customers SET status = 'refused' WHERE id IN (2000, 2200)`,
      `DELETE FROM ${schema.sql}.customers WHERE id = 300`,
      `INSERT INTO ${schema.sql}.customers VALUES (99999, 'new')`,
    );
    const file = configure(schema);
    const program = lockstep(['check', '--config', file, '--format', 'json']);
    expect([await program.ended, program.stderr]).toEqual([1, '']);
    const [table] = (JSON.parse(program.stdout) as Report).pairs[0]?.tables ?? [];
    expect(table).toMatchObject({
      table: 'customers',
      verdict: 'DIFFERENT',
      differences: { missing: 1, surplus: 1, changed: 2 },
    });
    expect(table?.rows).toHaveLength(4);
    expect(table?.rows).toEqual(
      expect.arrayContaining([
        { kind: 'changed', key: { id: '2000' }, columns: ['status'] },
        { kind: 'changed', key: { id: '2200' }, columns: ['status'] },
        { kind: 'missing', key: { id: '300' }, columns: [] },
        { kind: 'surplus', key: { id: '99999' }, columns: [] },
      ]),
    );

    const other = lockstep(['check', '--config', file, '--table', `${schema.name}.quiet`]);
    expect(await other.ended).toBe(0);
    expect(other.stdout).toContain('1 match');
    const absent = lockstep(['check', '--config', file, '--table', `${schema.name}.nothing`]);
    expect(await absent.ended).not.toBe(0);
  });

  test('prints a repair that, run on the target, makes the next check end with 0', async () => {
    const schema = await freshSchema(flavour);
    await customers(schema);
    const odd = `${schema.sql}.\`o'd;d\n-- "x\``;
    await schema.source.query(`CREATE TABLE ${odd} (id VARCHAR(20) PRIMARY KEY, v TEXT)`);
    await schema.source.query(`INSERT INTO ${odd} VALUES ('a;b\n--', 'x;\n'), ('gone', NULL)`);
    await schema.caughtUp();
    await plant(
      schema,
      `UPDATE ${schema.sql}.customers SET status = 'refused' WHERE id IN (2000, 2200)`,
      `DELETE FROM ${schema.sql}.customers WHERE id = 300`,
      `INSERT INTO ${schema.sql}.customers VALUES (99999, 'new')`,
      `UPDATE ${odd} SET v = "it's; \\\\ different" WHERE id = 'a;b\n--'`,
      `DELETE FROM ${odd} WHERE id = 'gone'`,
    );
    const file = configure(schema);
    const program = lockstep(['check', '--config', file, '--print-repair']);
    expect([await program.ended, program.stderr]).toEqual([1, '']);
    expect(program.stdout).toContain(
      `-- to be run on second (${schema.target.host}:${schema.target.port})\n`,
    );

    // All at once: the server itself tells statements from comments.
    await plant(schema, program.stdout);
    const again = lockstep(['check', '--config', file, '--print-repair']);
    expect([await again.ended, again.stdout], program.stdout).toEqual([
      0,
      expect.not.stringContaining('Repair of') as string,
    ]);
  });

  test('repairs rows that counting found missing', async () => {
    const schema = await freshSchema(flavour);
    await customers(schema);
    await plant(schema, `DELETE FROM ${schema.sql}.customers WHERE id IN (300, 400)`);
    const args = ['check', '--config', configure(schema), '--check', 'consistency', '--format', 'json'];
    const program = lockstep([...args, '--print-repair']);
    expect([await program.ended, program.stderr]).toEqual([1, '']);
    const [table] = (JSON.parse(program.stdout) as Report).pairs[0]?.tables ?? [];
    expect(table?.repair?.notes).toEqual([]);
    await plant(schema, ...(table?.repair?.preamble ?? []), ...(table?.repair?.statements ?? []));
    expect(await lockstep(args).ended).toBe(0);
  });

  test('ends its statements on the servers at Ctrl-C', async () => {
    const schema = await freshSchema(flavour);
    await customers(schema);
    const slow = `, overrides: [{match: '*.*', where: 'SLEEP(10) = 0'}]`;
    const program = lockstep(['check', '--config', configure(schema, '', slow), '--format', 'json']);
    const sleeping = async () => {
      const running = await schema.source.query<{ info: string | null }>(
        `SELECT info FROM information_schema.processlist WHERE user = '${schema.source.monitor.user}'`,
      );
      return running.filter(({ info }) => info?.includes(schema.name) && info.includes('SLEEP(10)')).length;
    };
    await vi.waitFor(async () => expect(await sleeping()).toBeGreaterThan(0), patient);
    program.child.kill('SIGINT');
    expect(await program.ended).toBe(130);
    expect(program.stdout).toBe('');
    expect(program.stderr).toContain('Stopped before everything was compared.');
    await vi.waitFor(async () => expect(await sleeping()).toBe(0), patient);
  });
});

test('lockstep check ends with 2 where a server cannot be reached, and shows no password', async () => {
  const schema = await freshSchema(flavours[0] ?? 'mariadb');
  await customers(schema);
  const dead =
    '  - {name: dead, source: first, target: {host: 127.0.0.1, port: 1, user: u, password: SECRET-word}}\n';
  const file = configure(schema, dead);
  const program = lockstep(['check', '--config', file, '--pair', 'dead', '--format', 'json'], {
    LOCKSTEP_CONNECTION__FIRST_DELAY: '100ms',
    LOCKSTEP_CONNECTION__ATTEMPTS: '1',
    LOCKSTEP_DEFAULTS__VERIFY__WAIT: '1s',
  });
  expect(await program.ended).toBe(2);
  expect(JSON.parse(program.stdout)).toEqual({ pairs: [{ pair: 'dead', tables: [] }] });
  expect(program.stderr).toContain('ECONNREFUSED');
  expect(program.stdout + program.stderr).not.toMatch(/SECRET/);
  expect(program.stdout + program.stderr).not.toContain(schema.source.monitor.password);
});
