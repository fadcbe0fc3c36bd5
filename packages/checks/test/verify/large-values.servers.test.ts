import { createMonitorUser, startServer } from '@lockstep/servers';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { SqlServer } from '../../src/server/sql-server.ts';
import { wholeTable } from '../../src/verify/chunk/chunk.ts';
import { TableSide } from '../../src/verify/chunk/table-side.ts';
import { chooseKey } from '../../src/verify/key/choose-key.ts';
import { keyOn } from '../../src/verify/key/key.ts';
import { rowExpression } from '../../src/verify/row/row-expression.ts';
import { readDefinition } from '../../src/verify/table/catalog.ts';
import type { Column } from '../../src/verify/table/definition.ts';
import { connect } from '../support/connect.ts';

const text = (end: string) => `CONCAT(REPEAT('x', 2999999), '${end}')`;

describe.each(flavours)('on %s', (flavour) => {
  test('values far beyond max_allowed_packet are told apart by their last character, or said to be too large', async () => {
    const server = await startServer({ flavour, options: ['--max-allowed-packet=16M'] });
    onTestFinished(() => server.remove());
    await server.query('CREATE DATABASE x CHARACTER SET utf8mb4');
    await createMonitorUser(server, ['x']);
    await server.query(
      `CREATE TABLE x.t (id INT PRIMARY KEY, t LONGTEXT, l LONGTEXT CHARACTER SET latin1, b LONGBLOB NOT NULL, g GEOMETRY)`,
    );
    await server.query('CREATE TABLE x.j (id INT PRIMARY KEY, j JSON NOT NULL)');
    for (const [id, end] of ['y', 'z'].entries()) {
      const line = `ST_GeomFromText(CONCAT('LINESTRING(0 0', REPEAT(',1 1', 100000), ',1 ${id})'))`;
      await server.query(
        `INSERT INTO x.t VALUES (${id}, ${text(end)}, '', '', NULL), (${id + 2}, NULL, ${text(end)}, '', NULL),
           (${id + 4}, NULL, '', ${text(end)}, NULL), (${id + 6}, NULL, '', '', ${line})`,
      );
      await server.query(`INSERT INTO x.j VALUES (${id}, CONCAT('"', ${text(end)}, '"'))`);
    }
    await server.query('SET GLOBAL max_allowed_packet = 1048576');
    const { monitor } = await connect({ monitor: server });

    const texts = await hashes(monitor as SqlServer, 't');
    expect(texts).toHaveLength(8);
    expect(new Set(texts).size, String(texts)).toBe(8);
    // MariaDB keeps JSON as text; MySQL would have to print it, and does not beyond max_allowed_packet.
    const documents = await hashes(monitor as SqlServer, 'j');
    expect(documents.includes(null)).toBe(flavour === 'mysql');
    expect(new Set(documents).size).toBe(flavour === 'mysql' ? 1 : 2);
    const asText: Partial<Column> = { dataType: 'longtext', columnType: 'longtext', charset: 'utf8mb4' };
    if (flavour === 'mysql') expect(await hashes(monitor as SqlServer, 'j', asText)).toEqual([null, null]);
  });
});

/** What the rows of a table are called; `there` says how the columns of the other side are different. */
async function hashes(
  server: SqlServer,
  table: string,
  there: Partial<Column> = {},
): Promise<(string | null)[]> {
  const name = { schema: 'x', table };
  const definition = await readDefinition(server, name);
  if (!definition) throw new Error(`no table ${table}`);
  const row = rowExpression(
    definition.columns.map((source) => ({
      source,
      target: { ...source, ...(source.name === 'id' ? {} : there) },
    })),
  );
  const key = chooseKey(definition, definition);
  const side = new TableSide({
    server,
    name,
    key: key && keyOn(key, 'source'),
    expression: row.source,
    documents: row.encodings.filter(({ shape }) => shape === 'document').map((e) => e.source),
    where: null,
  });
  const { oversized } = await side.digest(wholeTable, {});
  const listed = [...(await side.list(wholeTable, 100, {})).values()].map(({ hash }) => hash);
  expect(oversized).toBe(listed.filter((hash) => hash === null).length);
  return listed;
}
