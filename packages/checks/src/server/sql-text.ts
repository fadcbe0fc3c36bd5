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
 * A name for a SELECT item, the `i`-th of its statement, that no column can have: a column's name never ends in a
 * space. In ORDER BY an alias hides a column of its name, and in GROUP BY a column an alias, so ours must meet none
 * of theirs. Nothing else in the program makes up a name in SQL.
 */
export function alias(i: number): string {
  return `lockstep ${i} `;
}

/** SELECT items under their aliases, in this order; `selected(row, i)` finds the `i`-th in a row. */
export function selectItems(items: readonly string[]): string {
  return items.map((sql, i) => `${sql} AS ${ident(alias(i))}`).join(', ');
}

export function selected<T>(row: Record<string, T>, i: number): T | null {
  return row[alias(i)] ?? null;
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

/** What a `;` in it ends nothing: texts, names, comments. What MySQL or MariaDB runs is no comment. */
const noEnd = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`|\/\*(?!M?!).*?\*\/|(?:#|--\s)[^\n]*/gs;

/** Connections take several statements at once; whoever asks one, with somebody's WHERE in it, must not ask two. */
export function isOneStatement(sql: string): boolean {
  return !sql.includes(';') || !sql.replace(noEnd, '').includes(';');
}
