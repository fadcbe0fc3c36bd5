import { EngineRequestError } from '../request-error.ts';
import type { Page, PageRequest } from '../storage/storage.ts';
import type { TableName } from '../table-name.ts';

/** By schema, then name, in the order of code units: any order will do that is the same tomorrow. */
export function byName(a: TableName, b: TableName): number {
  return compare(a.schema, b.schema) || compare(a.table, b.table);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * A page of names that are in the order of `byName`. Its cursor is the last of them, so that tables that come or go
 * meanwhile shift nothing. Throws EngineRequestError for a foreign cursor.
 */
export function pageOfNames(names: readonly TableName[], { limit, cursor }: PageRequest): Page<TableName> {
  const from = cursor == null ? 0 : placeAfter(names, read(cursor));
  const items = names.slice(from, from + limit);
  const last = items.at(-1);
  const more = from + items.length < names.length;
  return { items, nextCursor: more && last ? write(last) : null, total: names.length };
}

function placeAfter(names: readonly TableName[], name: TableName): number {
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (byName(names[middle]!, name) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function write({ schema, table }: TableName): string {
  return Buffer.from(JSON.stringify([schema, table])).toString('base64url');
}

function read(cursor: string): TableName {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(parts) && parts.length === 2) {
      const [schema, table] = parts as unknown[];
      if (typeof schema === 'string' && typeof table === 'string') return { schema, table };
    }
  } catch {
    // Not JSON: not one of ours.
  }
  throw new EngineRequestError('INVALID', `"${cursor.slice(0, 100)}" is not a cursor of this list`);
}
