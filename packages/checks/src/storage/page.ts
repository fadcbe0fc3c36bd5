import type { SQLInputValue } from 'node:sqlite';
import { EngineRequestError } from '../request-error.ts';
import type { Database } from './database.ts';
import type { Page, PageRequest } from './storage.ts';

/** What to list: rows with a `body`, ordered by `order`, which together name a row. */
export interface Listing {
  from: string;
  /** The values of `from`, where it has any. */
  given?: readonly SQLInputValue[];
  /** Conditions with their values. */
  where: [sql: string, ...values: SQLInputValue[]][];
  order: readonly [string, ...string[]];
  direction: 'ASC' | 'DESC';
  /** The table behind `from` where `id` names its rows and they may be very many: they are counted by its indexes. */
  counted?: string;
}

const maxLimit = 1_000;

/** A page by keyset: rows that come or go meanwhile shift nothing. Throws EngineRequestError for a foreign cursor. */
export function readPage<Noun>(db: Database, listing: Listing, request: PageRequest): Page<Noun> {
  const { items, cursors, ...page } = readPageOfRows<{ body: string }>(db, listing, 'body', request);
  const read = items.flatMap(({ body }, i) =>
    db.nounsOf<Noun>([body]).map((noun) => ({ noun, cursor: cursors[i] ?? '' })),
  );
  return { ...page, items: read.map(({ noun }) => noun), cursors: read.map(({ cursor }) => cursor) };
}

/** As `readPage`, for rows that are no body. */
export function readPageOfRows<Row extends object>(
  db: Database,
  listing: Listing,
  columns: string,
  request: PageRequest,
): Page<Row> {
  const { from, given = [], where, order, direction } = listing;
  const limit = Math.min(Math.max(1, Math.trunc(request.limit)), maxLimit);
  const after = request.cursor == null ? null : parseCursor(request.cursor, order.length);
  const before = request.before == null ? null : parseCursor(request.before, order.length);
  const total = totalOf(db, listing);
  // By its indexes the count knows at once what the list would be searched through for.
  if (total === 0) {
    return { items: [], cursors: [], hasPrevious: false, previousCursor: null, nextCursor: null, total };
  }
  const [forwards, backwards] = direction === 'DESC' ? (['<', '>'] as const) : (['>', '<'] as const);
  const within: Listing['where'] = [...where];
  if (after) within.push(beside(order, forwards, after));
  if (before) within.push(beside(order, backwards, before));

  const rows = db.readAll<Row & Record<string, SQLInputValue>>(
    `SELECT ${columns}, ${order.join(', ')} FROM ${from} ${whereClause(within)}
     ORDER BY ${ordered(order, request.fromEnd ? opposite[direction] : direction)} LIMIT CAST(? AS INTEGER)`,
    ...given,
    ...valuesOf(within),
    limit + 1,
  );
  const more = rows.length > limit;
  const items = rows.slice(0, limit);
  if (request.fromEnd) items.reverse();
  // What was cut off by a cursor may be gone by now.
  const hasPrevious = request.fromEnd && more ? true : isBeyond(db, listing, backwards, after);
  const hasNext = !request.fromEnd && more ? true : isBeyond(db, listing, forwards, before);
  const cursors = items.map((row) => makeCursor(order.map((column) => row[column] ?? null)));
  return {
    items,
    cursors,
    hasPrevious,
    previousCursor: hasPrevious ? (cursors[0] ?? null) : null,
    nextCursor: hasNext ? (cursors.at(-1) ?? null) : null,
    total,
  };
}

function totalOf(db: Database, { from, given, where, counted }: Listing): number {
  if (counted === undefined) return countOf(db, from, where, given);
  const isNew: Listing['where'][number] = [`id IN (SELECT id FROM temp.new_${counted})`];
  return (
    countOf(db, `main.${counted}`, where) +
    countOf(db, `temp.new_${counted}`, where) -
    countOf(db, `main.${counted}`, [...where, isNew])
  );
}

function countOf(db: Database, from: string, where: Listing['where'], given: Listing['given'] = []): number {
  const sql = `SELECT count(*) AS n FROM ${from} ${whereClause(where)}`;
  return db.readOne<{ n: number }>(sql, ...given, ...valuesOf(where))?.n ?? 0;
}

/**
 * As `readPage` would list them by `key`, of items that are all here, the greatest key first. Throws EngineRequestError
 * for a foreign cursor.
 */
export function pageOfItems<Item>(
  items: readonly Item[],
  key: (item: Item) => [number, string],
  { limit, cursor, before, fromEnd }: PageRequest,
): Page<Item> {
  const after = cursor == null ? null : parseCursor(cursor, 2);
  const until = before == null ? null : parseCursor(before, 2);
  const all = items.toSorted((a, b) => compare(key(b), key(a)));
  const start = after ? all.filter((item) => compare(key(item), after) >= 0).length : 0;
  const end = until ? all.filter((item) => compare(key(item), until) > 0).length : all.length;
  const from = fromEnd ? Math.max(start, end - limit) : start;
  const to = fromEnd ? end : Math.min(end, start + limit);
  const listed = all.slice(from, to);
  const cursors = listed.map((item) => makeCursor(key(item)));
  return {
    items: listed,
    cursors,
    hasPrevious: from > 0,
    previousCursor: from > 0 ? (cursors[0] ?? null) : null,
    nextCursor: to < all.length ? (cursors.at(-1) ?? null) : null,
    total: all.length,
  };
}

function compare(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  const i = a.findIndex((part, i) => part !== b[i]);
  return i < 0 ? 0 : (a[i] ?? '') < (b[i] ?? '') ? -1 : 1;
}

const opposite = { ASC: 'DESC', DESC: 'ASC' } as const;

function beside(
  order: readonly string[],
  sign: '<' | '>' | '<=' | '>=',
  key: SQLInputValue[],
): Listing['where'][number] {
  return [`(${order.join(', ')}) ${sign} (${order.map(() => '?').join(', ')})`, ...key];
}

/** Whether the list has an item at `key` or beyond it. */
function isBeyond(
  db: Database,
  { from, given = [], where, order }: Listing,
  sign: '<' | '>',
  key: SQLInputValue[] | null,
): boolean {
  if (key === null) return false;
  const within = [...where, beside(order, `${sign}=`, key)];
  // What is sorted by is selected, too: else SQLite reads and sorts all that is beyond.
  const nearest = `ORDER BY ${ordered(order, sign === '>' ? 'ASC' : 'DESC')} LIMIT 1`;
  const sql = `SELECT ${order.join(', ')} FROM ${from} ${whereClause(within)} ${nearest}`;
  return db.readOne(sql, ...given, ...valuesOf(within)) !== undefined;
}

function ordered(order: readonly string[], direction: 'ASC' | 'DESC'): string {
  return order.map((column) => `${column} ${direction}`).join(', ');
}

function valuesOf(where: Listing['where']): SQLInputValue[] {
  return where.flatMap(([, ...values]) => values);
}

function whereClause(where: Listing['where']): string {
  return where.length === 0 ? '' : `WHERE ${where.map(([sql]) => sql).join(' AND ')}`;
}

function makeCursor(key: SQLInputValue[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

function parseCursor(cursor: string, length: number): (string | number)[] {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(key) && key.length === length && key.every(isKeyPart)) return key;
  } catch {
    // Not JSON: not one of ours.
  }
  throw new EngineRequestError('INVALID', `"${cursor.slice(0, 100)}" is not a cursor of this list`);
}

function isKeyPart(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
