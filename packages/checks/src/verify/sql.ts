import { escape } from 'mysql2';

/** A table, by the names that the servers' catalogs use. */
export interface TableName {
  schema: string;
  table: string;
}

/** As shown and logged: `schema.table`. */
export function displayName({ schema, table }: TableName): string {
  return `${schema}.${table}`;
}

/** Quotes one identifier; dots do not split it. */
export function ident(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

export function qualified({ schema, table }: TableName): string {
  return `${ident(schema)}.${ident(table)}`;
}

/**
 * A text literal. Statements are built whole, without `?`: a driver's placeholders would also be found inside
 * identifiers and inside the user's own WHERE.
 */
export function text(value: string): string {
  return escape(value);
}

export function bytes(value: Buffer): string {
  return value.length === 0 ? `''` : `0x${value.toString('hex')}`;
}
