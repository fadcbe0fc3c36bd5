import { ServerFault, type SqlServer } from '../../server/sql-server.ts';
import { ident, qualified, text } from '../../server/sql-text.ts';
import { Undecidable } from '../undecidable.ts';
import type { TableDefinition } from './definition.ts';

const unknownColumnErrno = 1054;

/** Some sessions show columns or indexes that were not shown, or not there, when the catalog was read. */
export const readOtherwise = Symbol('read otherwise');

/**
 * Why a table may have columns that are not compared, null when it has none: with a grant on some columns only, a
 * server's catalog lists those and says nothing of the others, and `SELECT *` leaves out invisible ones. SHOW CREATE
 * TABLE is refused then, or, where a privilege of another kind lets it, has more columns than the catalog. It has, too,
 * where one was added since the catalog was read, or where that was read over a connection with fewer rights: what is
 * taken away, or a role, holds in some sessions from the next login on. Only a column that may not be read is hidden,
 * and, by MariaDB, the indexes that it is in. `onShown`: gets what SHOW CREATE TABLE says.
 */
export async function hiddenColumns(
  definition: TableDefinition,
  server: SqlServer,
  signal: AbortSignal,
  onShown: (createTable: string) => void = () => undefined,
): Promise<string | typeof readOtherwise | null> {
  const { schema, table, columns, indexes } = definition;
  const query = (sql: string) => server.query(sql, undefined, { signal });
  let mayBeRead = false;
  try {
    const [row] = await query(`SHOW CREATE TABLE ${qualified(definition)}`);
    const createTable = String(row?.['Create Table'] ?? '');
    if (createTable.startsWith('CREATE TEMPORARY')) throw new Undecidable(temporary(server));
    onShown(createTable);
    const shown = shownBy(createTable);
    const unlisted = without(shown.columns, columns);
    const unlistedIndexes = without(shown.indexes, indexes);
    if (unlisted.length + unlistedIndexes.length === 0) return null;
    const [sought, catalog, name] =
      unlisted.length > 0
        ? [unlisted, 'COLUMNS', 'COLUMN_NAME']
        : [unlistedIndexes, 'STATISTICS', 'INDEX_NAME'];
    const mustBeRead = unlisted.length > 0 ? unlisted : shown.columns;
    const counts = mustBeRead.map((column) => `COUNT(${ident(column)})`).join(', ');
    const read = `SELECT ${counts} FROM ${qualified(definition)} WHERE 1 = 0`;
    await query(read);
    mayBeRead = true;
    // By one statement, hence of one session, while the table cannot be altered.
    const listed = await query(
      `SELECT ${name} AS name FROM information_schema.${catalog}
       WHERE TABLE_SCHEMA = ${text(schema)} AND TABLE_NAME = ${text(table)} AND EXISTS (${read})`,
    );
    if (sought.every((each) => listed.some((row) => row.name === each))) return readOtherwise;
    // Dropped by now.
    if (unlisted.length === 0) return null;
  } catch (error) {
    if (error instanceof ServerFault && error.errno === unknownColumnErrno) return null;
    if (!(error instanceof ServerFault) || error.kind !== 'privilege') throw error;
    if (mayBeRead) return readOtherwise;
  }
  return `${server.name} shows some of its columns only; GRANT SELECT ON ${ident(schema)}.${ident(table)} to Lockstep's account mends it`;
}

/** Somebody else asks in the same session, too. */
function temporary({ name }: SqlServer): string {
  return `in a session of Lockstep's on ${name} a temporary table has its name: does a pooler share sessions?`;
}

/** Of what SHOW CREATE TABLE says: a foreign key takes over a new key of what it refers to. */
export function takesOverKeys(createTable: string): boolean {
  const ofKeys = createTable.split('\n').filter((line) => line.startsWith('  CONSTRAINT '));
  return ofKeys.some((line) => line.includes(' FOREIGN KEY ') && line.includes(' ON UPDATE CASCADE'));
}

/** Each is on a line of its own, and no other line begins so. */
function shownBy(createTable: string): { columns: string[]; indexes: string[] } {
  const names = (pattern: RegExp) =>
    [...createTable.matchAll(pattern)].map(([, name]) => name?.replaceAll('``', '`') ?? 'PRIMARY');
  return {
    columns: names(/^ {2}`((?:[^`]|``)+)`/gm),
    indexes: names(/^ {2}(?:PRIMARY KEY|(?:[A-Z]+ )?KEY `((?:[^`]|``)+)`)/gm),
  };
}

function without(names: string[], known: { name: string }[]): string[] {
  return names.filter((name) => !known.some((each) => each.name === name));
}
