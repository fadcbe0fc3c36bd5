import { EngineRequestError } from './request-error.ts';

/** A table, by the names that the servers' catalogs use. */
export interface TableName {
  schema: string;
  table: string;
}

const part = '(?:`((?:[^`]|``)+)`|([^`.]+))';
const pattern = new RegExp(`^${part}\\.${part}$`, 's');

/**
 * Reads `schema.table`; a part that holds a dot or a backtick is quoted with backticks, as in SQL. Throws
 * EngineRequestError.
 */
export function parseTableName(text: string): TableName {
  const match = pattern.exec(text);
  if (!match) {
    throw new EngineRequestError(
      'INVALID',
      `not a table name: ${JSON.stringify(text)}; write schema.table, with backticks around a part that holds a dot`,
    );
  }
  const [, quotedSchema, schema, quotedTable, table] = match;
  return { schema: unquote(quotedSchema, schema), table: unquote(quotedTable, table) };
}

function unquote(quoted: string | undefined, plain: string | undefined): string {
  return quoted?.replaceAll('``', '`') ?? plain ?? '';
}

/** The way back: with backticks only where they are needed. */
export function formatTableName({ schema, table }: TableName): string {
  return `${quoteIfNeeded(schema)}.${quoteIfNeeded(table)}`;
}

function quoteIfNeeded(name: string): string {
  return /[.`]/.test(name) ? `\`${name.replaceAll('`', '``')}\`` : name;
}

/** As shown and logged: `schema.table`. */
export function displayName({ schema, table }: TableName): string {
  return `${schema}.${table}`;
}
