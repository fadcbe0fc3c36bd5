import { createMonitorUser, type ServerHandle, startServer } from '@lockstep/servers';
import { sharedPair } from '@lockstep/servers/vitest';
import fc from 'fast-check';
import { expect, onTestFinished } from 'vitest';
import type { SqlServer } from '../../src/server/sql-server.ts';
import { type Chunk, wholeTable } from '../../src/verify/chunk/chunk.ts';
import { type Digest, TableSide } from '../../src/verify/chunk/table-side.ts';
import { chooseKey } from '../../src/verify/key/choose-key.ts';
import { type Key, keyOn } from '../../src/verify/key/key.ts';
import { type RowExpression, rowExpression } from '../../src/verify/row/row-expression.ts';
import { readDefinition } from '../../src/verify/table/catalog.ts';
import type { TableDefinition } from '../../src/verify/table/definition.ts';
import { compareSchemas } from '../../src/verify/table/schema-compare.ts';
import { connect } from './connect.ts';
import {
  columnsOn,
  type Divergence,
  divergences,
  type GeneratedTable,
  generatedTables,
  type Row,
  rowSql,
} from './generated-tables.ts';

interface Subject {
  handle: ServerHandle;
  lockstep: SqlServer;
}

/**
 * Holds for generated tables that equal rows hash equal on every server, MariaDB's newest included, whatever their
 * types and order, and that every kind of change shows. Each seed is other tables.
 */
export async function equalRowsHashEqual(seed: number, numRuns: number): Promise<void> {
  const { subjects, schema } = await servers();
  let count = 0;
  const property = fc.asyncProperty(generatedTables, async (table) => {
    const name = { schema, table: `t${count++}` };
    // The first group is the same on both sides, and so is everything that no divergence touches.
    const groups: Divergence[] = [
      { name: 'nothing', source: table.rows, target: table.rows },
      ...divergences(table),
    ];
    await Promise.all(subjects.map(({ handle }, i) => create(handle, table, name.table, schema, i, groups)));
    const definitions = await Promise.all(subjects.map(({ lockstep }) => readDefinition(lockstep, name)));
    for (const target of [1, 2]) {
      const sides = [0, target].map((i) => ({ ...(subjects[i] as Subject), definition: definitions[i] }));
      await compare(sides as Side[], name, groups);
    }
    await Promise.all(subjects.map(({ handle }) => handle.query(`DROP TABLE ${schema}.${name.table}`)));
  });
  await fc.assert(property, { seed, numRuns, endOnFailure: true });
}

interface Side extends Subject {
  definition: TableDefinition;
}

async function compare(
  [source, target]: Side[],
  name: { schema: string; table: string },
  groups: Divergence[],
): Promise<void> {
  if (!source || !target) throw new Error('two sides');
  const key = chooseKey(source.definition, target.definition);
  const { common } = compareSchemas(
    source.definition,
    target.definition,
    { source: source.handle, target: target.handle },
    [],
  );
  const sidesOf = (row: RowExpression, key: Key | null, where: string | null) =>
    (['source', 'target'] as const).map(
      (which) =>
        new TableSide({
          server: (which === 'source' ? source : target).lockstep,
          name,
          key: key && keyOn(key, which),
          expression: row[which],
          documents: row.encodings.filter(({ shape }) => shape === 'document').map((e) => e[which]),
          where,
        }),
    );
  const row = rowExpression(common);
  expect(row.incomparable).toEqual([]);
  const keyed = sidesOf(row, key, null);
  // Without the key, rows are a multiset: the same ones in another order are the same.
  const keyless = rowExpression(common.filter((column) => column.source.name !== 'id'));
  const [listed, digests, multisets] = await Promise.all([
    Promise.all(keyed.map((side) => side.list(wholeTable, 10_000, {}))),
    digestsOf(groups, (i) => keyed.map((side) => side.digest(range(i), {}))),
    digestsOf(groups, (i) =>
      sidesOf(keyless, null, `id DIV 100 = ${i}`).map((side) => side.digest(wholeTable, {})),
    ),
  ]);
  for (const [i, { name: change, source: before, target: after }] of groups.entries()) {
    const said = `${change}: ${JSON.stringify([before, after])}\n${row.source}\n${row.target}`;
    expect(same(digests[i]), said).toBe(i === 0);
    expect(same(multisets[i]), `without a key, ${said}`).toBe(multiset(before) === multiset(after));
    for (const [n, values] of before.entries()) {
      const id = String(i * 100 + n);
      const [s, t] = listed.map((rows) => rows.get(id)?.hash);
      expect(s === t, `row ${n}, ${said}`).toBe(JSON.stringify(values) === JSON.stringify(after[n]));
    }
  }
}

function range(group: number): Chunk {
  return { from: [group * 100 - 1], to: [group * 100 + 98] };
}

async function digestsOf(
  groups: Divergence[],
  digest: (group: number) => Promise<Digest>[],
): Promise<Digest[][]> {
  return Promise.all(
    groups.map(async ({ name, source, target }, i) => {
      const [s, t] = await Promise.all(digest(i));
      expect(s, name).toMatchObject({ rows: source.length, oversized: 0 });
      expect(t, name).toMatchObject({ rows: target.length, oversized: 0 });
      return [s as Digest, t as Digest];
    }),
  );
}

function same(digests: Digest[] | undefined): boolean {
  return digests?.[0]?.sum === digests?.[1]?.sum;
}

function multiset(rows: Row[]): string {
  return rows
    .map((row) => JSON.stringify(row))
    .sort()
    .join();
}

async function create(
  server: ServerHandle,
  table: GeneratedTable,
  name: string,
  schema: string,
  index: number,
  groups: Divergence[],
): Promise<void> {
  const { ddl, order } = columnsOn(table, index, server.flavour);
  const format = ['DYNAMIC', 'COMPACT', 'REDUNDANT'][index];
  await server.query(
    `CREATE TABLE ${schema}.${name} (id INT PRIMARY KEY, ${ddl}) CHARACTER SET utf8mb4 ROW_FORMAT=${format}`,
  );
  const rows = groups.flatMap((group, i) =>
    group[index === 0 ? 'source' : 'target'].map(
      (row, n) => `(${i * 100 + n}, ${rowSql(table, order, row)})`,
    ),
  );
  await server.query(`INSERT INTO ${schema}.${name} VALUES ${rows.join(', ')}`);
}

async function servers(): Promise<{ subjects: Subject[]; schema: string }> {
  const newest = await startServer({ flavour: 'mariadb', release: 'newest' });
  onTestFinished(() => newest.remove());
  const handles = [(await sharedPair('mysql')).source, (await sharedPair('mariadb')).source, newest];
  const schema = `g_${Math.random().toString(36).slice(2)}`;
  onTestFinished(async () => {
    for (const handle of handles) await handle.query(`DROP DATABASE IF EXISTS ${schema}`);
  });
  for (const handle of handles) {
    await handle.query(`CREATE DATABASE ${schema}`);
    await createMonitorUser(handle, [schema]);
    await handle.query(`SET SESSION sql_mode = '', time_zone = '+00:00'`);
  }
  const lockstep = await connect(Object.fromEntries(handles.map((handle, i) => [String(i), handle])));
  return {
    subjects: handles.map((handle, i) => ({ handle, lockstep: lockstep[String(i)] as SqlServer })),
    schema,
  };
}
