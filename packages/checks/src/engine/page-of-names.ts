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
 * A page of names that are in the order of `byName`. A cursor is a name, so that tables that come or go meanwhile shift
 * nothing. Throws EngineRequestError for a foreign cursor.
 */
export function pageOfNames(names: readonly TableName[], request: PageRequest): Page<TableName> {
  const place = (cursor: string, side: 'before' | 'after') => {
    const [schema, table] = read(cursor, 2) as [string, string];
    return placeOf(names, { schema, table }, side);
  };
  const { from, to } = cut(names.length, request, place);
  const items = names.slice(from, to);
  return pageOf(items, { from, to, total: names.length }, ({ schema, table }) => write([schema, table]));
}

/** The tables of one pair that are asked for, in the order of `byName`; made when they are looked at. */
export interface NamesOfPair {
  pair: string;
  count: number;
  names: () => readonly TableName[];
}

/** A page of the names of many pairs, one pair after another by their names; as `pageOfNames`. */
export function pageOfPairs(
  pairs: readonly NamesOfPair[],
  request: PageRequest,
): Page<TableName & { pair: string }> {
  const inOrder = pairs.toSorted((a, b) => compare(a.pair, b.pair));
  const place = (cursor: string, side: 'before' | 'after') => {
    const [pair, schema, table] = read(cursor, 3) as [string, string, string];
    let before = 0;
    for (const each of inOrder) {
      if (each.pair > pair) break;
      before += each.pair < pair ? each.count : placeOf(each.names(), { schema, table }, side);
    }
    return before;
  };
  const total = inOrder.reduce((sum, { count }) => sum + count, 0);
  const { from, to } = cut(total, request, place);
  const items: (TableName & { pair: string })[] = [];
  let start = 0;
  for (const { pair, count, names } of inOrder) {
    if (start < to && start + count > from) {
      const own = names().slice(Math.max(from - start, 0), to - start);
      items.push(...own.map(({ schema, table }) => ({ pair, schema, table })));
    }
    start += count;
  }
  return pageOf(items, { from, to, total }, ({ pair, schema, table }) => write([pair, schema, table]));
}

interface Cut {
  from: number;
  to: number;
  total: number;
}

/** From where to where the page goes, `place` saying how many are before a cursor, the item itself counted or not. */
function cut(
  total: number,
  { limit, cursor, before, fromEnd }: PageRequest,
  place: (cursor: string, side: 'before' | 'after') => number,
): Omit<Cut, 'total'> {
  const from = cursor == null ? 0 : place(cursor, 'after');
  const to = Math.max(from, before == null ? total : place(before, 'before'));
  return fromEnd ? { from: Math.max(from, to - limit), to } : { from, to: Math.min(to, from + limit) };
}

function pageOf<Item>(items: Item[], { from, to, total }: Cut, write: (item: Item) => string): Page<Item> {
  const cursors = items.map(write);
  const previousCursor = from > 0 ? (cursors[0] ?? null) : null;
  const nextCursor = to < total ? (cursors.at(-1) ?? null) : null;
  return { items, cursors, hasPrevious: from > 0, previousCursor, nextCursor, total };
}

function placeOf(names: readonly TableName[], name: TableName, side: 'before' | 'after'): number {
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = byName(names[middle]!, name);
    if (order < 0 || (order === 0 && side === 'after')) low = middle + 1;
    else high = middle;
  }
  return low;
}

function write(parts: string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

function read(cursor: string, length: number): string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(parts) && parts.length === length && parts.every((part) => typeof part === 'string')) {
      return parts;
    }
  } catch {
    // Not JSON: not one of ours.
  }
  throw new EngineRequestError('INVALID', `"${cursor.slice(0, 100)}" is not a cursor of this list`);
}
