import { answerBounds, maxNames } from '../../server/answer-bounds.ts';
import { atLeast } from '../../server/flavour.ts';
import type { SqlRow, SqlServer, SqlValue } from '../../server/sql-server.ts';
import { text } from '../../server/sql-text.ts';
import type { TableName } from '../../table-name.ts';
import type { Column, Index, TableDefinition } from './definition.ts';

/** By their exact names: where case counts, a schema called SYS is a user's. */
const systemSchemas = new Set(['information_schema', 'performance_schema', 'mysql', 'sys']);
const tableTypes = ['BASE TABLE', 'SYSTEM VERSIONED'];

export interface CatalogEntry extends TableName {
  engine: string | null;
  rowsEstimated: number;
  /** `table`, or what is in the place of one and not compared: `view`, `sequence`. */
  kind: 'table' | 'view' | 'sequence';
}

/**
 * All tables, views and sequences that the account can see in the schemas that are wanted. Other schemas are not
 * asked about: a server opens every table that it lists, which empties its cache of open ones, waits behind one that is
 * locked, and makes MariaDB write to its binary log when a MEMORY table is opened for the first time since its start.
 */
export async function listTables(
  server: SqlServer,
  wanted: (schema: string) => boolean,
  options: ReadOptions = {},
): Promise<CatalogEntry[]> {
  const listing = { ...options, maxRows: maxNames };
  const schemas = await server.query(
    'SELECT SCHEMA_NAME AS s FROM information_schema.SCHEMATA',
    undefined,
    listing,
  );
  const entries: CatalogEntry[] = [];
  for (const schema of schemas.map((row) => str(row.s))) {
    if (systemSchemas.has(schema) || !wanted(schema)) continue;
    const rows = await server.query(
      `SELECT TABLE_SCHEMA AS s, TABLE_NAME AS t, TABLE_TYPE AS kind, ENGINE AS e, TABLE_ROWS AS n
       FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${text(schema)}`,
      undefined,
      listing,
    );
    for (const row of rows) {
      const kind = kindOf(str(row.kind));
      // Where names are compared without case, those of a schema that is called almost the same came with it.
      if (kind === null || str(row.s) !== schema) continue;
      entries.push({
        schema,
        table: str(row.t),
        engine: strOrNull(row.e),
        rowsEstimated: estimated(row.n),
        kind,
      });
    }
  }
  return entries;
}

/** Columns of these names, whatever their case, in these schemas; one of each schema and table. */
export async function findColumns(
  server: SqlServer,
  schemas: readonly string[],
  names: readonly string[],
  options: ReadOptions = {},
): Promise<(TableName & { column: string })[]> {
  const found: (TableName & { column: string })[] = [];
  for (const schema of schemas) {
    const rows = await server.query(
      `SELECT TABLE_NAME AS t, COLUMN_NAME AS c FROM information_schema.COLUMNS
       WHERE TABLE_SCHEMA = ${text(schema)} AND COLUMN_NAME IN (${list([...names])})`,
      undefined,
      { ...options, maxRows: maxNames },
    );
    for (const row of rows) found.push({ schema, table: str(row.t), column: str(row.c) });
  }
  return found;
}

function kindOf(type: string): CatalogEntry['kind'] | null {
  if (isTableType(type)) return 'table';
  if (type === 'VIEW') return 'view';
  return type === 'SEQUENCE' ? 'sequence' : null;
}

export function isTableType(type: string): boolean {
  return tableTypes.includes(type);
}

/** As the catalog calls what has this name; null when nothing has that the account may see. */
export async function readTableType(
  server: SqlServer,
  { schema, table }: TableName,
  options: ReadOptions = {},
): Promise<string | null> {
  const [row] = await server.query(
    `SELECT TABLE_TYPE AS type FROM information_schema.TABLES
       WHERE TABLE_SCHEMA = ${text(schema)} AND TABLE_NAME = ${text(table)}`,
    undefined,
    options,
  );
  return strOrNull(row?.type);
}

export interface ReadOptions {
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
}

/** Null when there is no such table, or the account may not see it. */
export async function readDefinition(
  server: SqlServer,
  name: TableName,
  options: ReadOptions = {},
): Promise<TableDefinition | null> {
  const [definition = null] = await readDefinitions(server, [name], options);
  return definition;
}

/** The same of several tables, in their order, by three statements. */
export async function readDefinitions(
  server: SqlServer,
  names: TableName[],
  options: ReadOptions = {},
): Promise<(TableDefinition | null)[]> {
  const [tables, columns, statistics] = await Promise.all([
    ofEach(
      server,
      names,
      `TABLE_SCHEMA AS s, TABLE_NAME AS t, ENGINE AS e, TABLE_ROWS AS n, AVG_ROW_LENGTH AS b,
         CREATE_TIME AS c, TABLE_TYPE AS kind FROM information_schema.TABLES
       WHERE TABLE_TYPE IN (${list(tableTypes)}) AND`,
      'asked',
      options,
    ),
    ofEach(
      server,
      names,
      `COLUMN_NAME AS name, DATA_TYPE AS dataType, COLUMN_TYPE AS columnType, IS_NULLABLE AS nullable,
         CHARACTER_SET_NAME AS charset, COLLATION_NAME AS collation, CHARACTER_OCTET_LENGTH AS octets,
         NUMERIC_SCALE AS scale, DATETIME_PRECISION AS fraction, EXTRA AS extra, GENERATION_EXPRESSION AS expression,
         ORDINAL_POSITION AS place
       FROM information_schema.COLUMNS WHERE`,
      'asked, place',
      options,
    ),
    ofEach(
      server,
      names,
      `INDEX_NAME AS name, NON_UNIQUE AS nonUnique, COLUMN_NAME AS col, SUB_PART AS part, NULLABLE AS nullable,
         INDEX_TYPE AS type, COLLATION AS direction, ${indexExtras(server)}, SEQ_IN_INDEX AS place
       FROM information_schema.STATISTICS WHERE`,
      'asked, name, place',
      options,
    ),
  ]);
  return names.map((_, i) => toDefinition(tables[i]?.[0], columns[i] ?? [], statistics[i] ?? []));
}

/**
 * Rows of each table. One SELECT a table, in one statement: both flavours look up a table that is named so, where
 * MariaDB opens all tables of a schema for a list of names.
 */
async function ofEach(
  server: SqlServer,
  names: TableName[],
  select: string,
  order: string,
  options: ReadOptions,
): Promise<SqlRow[][]> {
  const parts = names.map(
    ({ schema, table }, i) =>
      `SELECT ${i} AS asked, ${select} TABLE_SCHEMA = ${text(schema)} AND TABLE_NAME = ${text(table)}`,
  );
  const found: SqlRow[][] = names.map(() => []);
  // One SELECT, which a column can be put into.
  const all = parts.length === 1 ? parts[0]! : `SELECT * FROM (${parts.join(' UNION ALL ')}) AS found`;
  const sql = `${all} ORDER BY ${order}`;
  // There may be many, and one that something in between keeps back is missed in them.
  const listing = { ...options, maxRows: answerBounds.checks.rows };
  for (const { asked, ...row } of await server.query(sql, undefined, listing)) {
    found[Number(asked)]?.push(row);
  }
  return found;
}

/** As text: how a number comes depends on whether tables were asked for together. */
function asText(row: SqlRow): (string | null)[] {
  return Object.values(row).map(strOrNull);
}

function toDefinition(
  table: SqlRow | undefined,
  columns: SqlRow[],
  statistics: SqlRow[],
): TableDefinition | null {
  if (!table || columns.length === 0) return null;
  return {
    schema: str(table.s),
    table: str(table.t),
    engine: strOrNull(table.e),
    rowsEstimated: estimated(table.n),
    rowBytes: estimated(table.b),
    columns: columns.map(toColumn),
    indexes: toIndexes(statistics),
    versioned: table.kind === 'SYSTEM VERSIONED',
    made: strOrNull(table.c),
    fingerprint: JSON.stringify([table.c, table.kind, table.e, columns.map(asText), statistics.map(asText)]),
  };
}

/** What one flavour has and the other has not. */
function indexExtras({ facts }: SqlServer): string {
  if (facts?.flavour === 'mysql' && atLeast(facts.version, [8, 0, 13])) {
    return `EXPRESSION AS expression, IS_VISIBLE = 'NO' AS hidden`;
  }
  if (facts?.flavour === 'mariadb' && atLeast(facts.version, [10, 6, 0])) {
    return `NULL AS expression, IGNORED = 'YES' AS hidden`;
  }
  return 'NULL AS expression, 0 AS hidden';
}

function toColumn(row: SqlRow): Column {
  const extra = str(row.extra).toUpperCase();
  return {
    name: str(row.name),
    dataType: str(row.dataType).toLowerCase(),
    columnType: str(row.columnType),
    nullable: row.nullable === 'YES',
    charset: strOrNull(row.charset),
    collation: strOrNull(row.collation),
    octets: numOrNull(row.octets),
    scale: numOrNull(row.scale),
    precision: numOrNull(row.fraction),
    generated: /VIRTUAL/.test(extra) ? 'virtual' : /STORED|PERSISTENT/.test(extra) ? 'stored' : null,
    invisible: extra.includes('INVISIBLE'),
    expression: str(row.expression),
    extra,
  };
}

function toIndexes(rows: SqlRow[]): Index[] {
  const indexes = new Map<string, Index>();
  for (const row of rows) {
    const name = str(row.name);
    let index = indexes.get(name);
    if (!index) {
      index = {
        name,
        unique: Number(row.nonUnique) === 0,
        columns: [],
        prefixed: false,
        descending: [],
        parts: [],
        nullable: false,
        type: str(row.type),
        visible: Number(row.hidden) === 0,
      };
      indexes.set(name, index);
    }
    const column = strOrNull(row.col);
    const descending = row.direction === 'D';
    index.columns.push(column);
    index.descending.push(descending);
    // Spatial indexes have a fixed part of their own on both flavours.
    const part = row.part === null || index.type === 'SPATIAL' ? '' : `(${str(row.part)})`;
    index.parts.push(
      `${column ?? strOrNull(row.expression) ?? '(expression)'}${part}${descending ? ' DESC' : ''}`,
    );
    if (row.part !== null) index.prefixed = true;
    if (row.nullable === 'YES') index.nullable = true;
  }
  return [...indexes.values()];
}

function list(values: string[]): string {
  return values.map(text).join(', ');
}

function strOrNull(value: SqlValue | undefined): string | null {
  return value === null || value === undefined ? null : value.toString();
}

function str(value: SqlValue | undefined): string {
  return strOrNull(value) ?? '';
}

/** Of statistics: what is no number of anything tells nothing. */
function estimated(value: SqlValue | undefined): number {
  const number = Number(value ?? 0);
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}

function numOrNull(value: SqlValue | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}
