import { escape } from 'mysql2';
import type { TableName } from '../table-name.ts';

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
