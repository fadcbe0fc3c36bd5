import { EngineRequestError } from './request-error.ts';
import { unprintable } from './unprintable.ts';

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
  const name = readTableName(text);
  if (!name) {
    throw new EngineRequestError(
      'INVALID',
      `not a table name: ${JSON.stringify(text)}; write schema.table, with backticks around a part that holds a dot`,
    );
  }
  return name;
}

/** The same; null for what is no table's name. */
export function readTableName(text: string): TableName | null {
  const match = pattern.exec(text);
  if (!match) return null;
  const [, quotedSchema, schema, quotedTable, table] = match;
  return { schema: unquote(quotedSchema, schema), table: unquote(quotedTable, table) };
}

function unquote(quoted: string | undefined, plain: string | undefined): string {
  return quoted?.replaceAll('``', '`').replace(escapes, unescaped) ?? plain ?? '';
}

const escapes = /\\u\{([0-9a-f]{1,5}|10[0-9a-f]{4})\}/g;

function unescaped(_: string, code: string): string {
  return String.fromCodePoint(Number.parseInt(code, 16));
}

function escaped(char: string): string {
  return `\\u{${char.codePointAt(0)!.toString(16)}}`;
}

/** What tells a table from every other, for maps and sets; never shown. */
export function tableId({ schema, table }: TableName): string {
  return JSON.stringify([schema, table]);
}

/**
 * As shown, logged and told: `schema.table`, with backticks only where they are needed, and what nobody would see as
 * `\u{202e}` within them. `parseTableName` reads it back.
 */
export function formatTableName({ schema, table }: TableName): string {
  return `${quoteIfNeeded(schema)}.${quoteIfNeeded(table)}`;
}

function quoteIfNeeded(name: string): string {
  const visible = name.replace(/\\(?=u\{)/g, escaped).replace(unprintable, escaped);
  return /[.`]/.test(name) || visible !== name ? `\`${visible.replaceAll('`', '``')}\`` : name;
}
