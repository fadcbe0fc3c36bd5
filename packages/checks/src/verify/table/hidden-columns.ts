import { ServerFault, type SqlServer } from '../../server/sql-server.ts';
import { ident, qualified } from '../../server/sql-text.ts';
import type { TableDefinition } from './definition.ts';

const unknownColumnErrno = 1054;

/**
 * Why a table may have columns that are not compared, null when it has none: with a grant on some columns only, a
 * server's catalog lists those and says nothing of the others, and `SELECT *` leaves out invisible ones. SHOW CREATE
 * TABLE is refused then, or, where a privilege of another kind lets it, has more columns than the catalog. It has, too,
 * where one was added since the catalog was read: only a column that may not be read is hidden.
 */
export async function hiddenColumns(
  definition: TableDefinition,
  server: SqlServer,
  signal: AbortSignal,
): Promise<string | null> {
  const { schema, table, columns } = definition;
  try {
    const [row] = await server.query(`SHOW CREATE TABLE ${qualified(definition)}`, undefined, { signal });
    const text = String(row?.['Create Table'] ?? '');
    // One column a line; what else a definition has does not begin with a name.
    const named = [...text.matchAll(/^ {2}`((?:[^`]|``)+)`/gm)].map(([, name = '']) =>
      name.replaceAll('``', '`'),
    );
    const unlisted = named.filter((name) => !columns.some((column) => column.name === name));
    if (unlisted.length === 0) return null;
    const read = unlisted.map((name) => `COUNT(${ident(name)})`).join(', ');
    await server.query(`SELECT ${read} FROM ${qualified(definition)} WHERE 1 = 0`, undefined, { signal });
    return null;
  } catch (error) {
    if (error instanceof ServerFault && error.errno === unknownColumnErrno) return null;
    if (!(error instanceof ServerFault) || error.kind !== 'privilege') throw error;
  }
  return `${server.name} shows some of its columns only; GRANT SELECT ON ${ident(schema)}.${ident(table)} to Lockstep's account mends it`;
}
