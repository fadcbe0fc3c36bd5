import type { SQLInputValue } from 'node:sqlite';
import { EngineRequestError } from '../request-error.ts';
import type { Database } from './database.ts';
import type { Page, PageRequest } from './storage.ts';

/** What to list: rows with a `body`, ordered by `order`, which together name a row. */
export interface Listing {
  from: string;
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
  const { items, nextCursor, total } = readPageOfRows<{ body: string }>(db, listing, 'body', request);
  return { items: db.nounsOf<Noun>(items.map(({ body }) => body)), nextCursor, total };
}

/** As `readPage`, for rows that are no body. */
export function readPageOfRows<Row extends object>(
  db: Database,
  { from, where, order, direction, counted }: Listing,
  columns: string,
  request: PageRequest,
): Page<Row> {
  const limit = Math.min(Math.max(1, Math.trunc(request.limit)), maxLimit);
  const conditions = where.map(([sql]) => sql);
  const values = where.flatMap(([, ...values]) => values);
  const total =
    counted === undefined
      ? countOf(db, from, conditions, values)
      : countOf(db, `main.${counted}`, conditions, values) +
        countOf(db, `temp.new_${counted}`, conditions, values) -
        countOf(db, `main.${counted}`, [...conditions, `id IN (SELECT id FROM temp.new_${counted})`], values);

  if (request.cursor != null) {
    const marks = order.map(() => '?').join(', ');
    conditions.push(`(${order.join(', ')}) ${direction === 'DESC' ? '<' : '>'} (${marks})`);
    values.push(...parseCursor(request.cursor, order.length));
  }
  const rows = db.readAll<Row & Record<string, SQLInputValue>>(
    `SELECT ${columns}, ${order.join(', ')} FROM ${from} ${whereClause(conditions)}
     ORDER BY ${order.map((column) => `${column} ${direction}`).join(', ')} LIMIT CAST(? AS INTEGER)`,
    ...values,
    limit + 1,
  );
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items,
    nextCursor: rows.length > limit && last ? makeCursor(order.map((column) => last[column] ?? null)) : null,
    total,
  };
}

function countOf(db: Database, from: string, conditions: string[], values: SQLInputValue[]): number {
  const sql = `SELECT count(*) AS n FROM ${from} ${whereClause(conditions)}`;
  return db.readOne<{ n: number }>(sql, ...values)?.n ?? 0;
}

function whereClause(conditions: string[]): string {
  return conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
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
