import { createHash } from 'node:crypto';
import type { QueryOptions, SqlRow, SqlServer, SqlValue } from '../../server/sql-server.ts';
import { ident, qualified } from '../../server/sql-text.ts';
import { formatTableName, type TableName } from '../../table-name.ts';
import { type Key, keyId, type KeyValues } from '../key/key.ts';
import { anyOf, keyItems, keyOf, keyOrder } from '../key/key-condition.ts';
import { documentHash } from '../row/document.ts';
import { chunkSum, nullUnit, rowHash } from '../row/row-expression.ts';
import { Undecidable } from '../undecidable.ts';
import { type Chunk, chunkCondition } from './chunk.ts';

/** What one statement says of a chunk. Two sides' chunks are the same if `rows` and `sum` are. */
export interface Digest {
  rows: number;
  sum: bigint;
  /** Rows too large for the server to put together; they cannot be compared this way. */
  oversized: number;
}

export interface ListedRow {
  key: KeyValues;
  /** Null for a row too large to be hashed. */
  hash: string | null;
}

/** Stands for the hash where only the presence of rows is compared. */
const anyRow = `'row'`;

const documentsWithoutKey =
  'the table has no key, and JSON that MySQL and MariaDB write differently: its rows cannot be named on both sides';

/** All the questions that verification asks one server about one table; each is one short SELECT. */
export class TableSide {
  readonly server: SqlServer;
  readonly name: TableName;
  readonly key: Key | null;
  /** Null compares which rows are there, not what is in them. */
  readonly #expression: string | null;
  readonly #documents: string[];
  readonly #where: string;
  readonly #from: string;

  constructor(options: {
    server: SqlServer;
    name: TableName;
    key: Key | null;
    expression: string | null;
    /** JSON columns that have to be compared by value: read, and put into the row's hash here. */
    documents?: string[];
    where: string | null;
  }) {
    this.server = options.server;
    this.name = options.name;
    this.key = options.key;
    this.#expression = options.expression;
    this.#documents = options.documents ?? [];
    this.#where = options.where ? ` AND (${options.where})` : '';
    // The optimizer may think a scan of the whole table cheaper than a range of a secondary key; for every chunk.
    const hint = options.key?.index ? ` FORCE INDEX (${ident(options.key.index)})` : '';
    this.#from = `FROM ${qualified(options.name)}${hint}`;
  }

  digest(chunk: Chunk, options: QueryOptions): Promise<Digest> {
    return this.#digest(chunkCondition(this.key, chunk), options);
  }

  /** Of the rows that have one of these keys: whether anything about them changed, for the price of one row. */
  digestOfKeys(keys: KeyValues[], options: QueryOptions): Promise<Digest> {
    return this.#digest(anyOf(this.#requireKey(), keys), options);
  }

  async #digest(rows: string, options: QueryOptions): Promise<Digest> {
    const condition = `WHERE ${rows}${this.#where}`;
    if (this.#documents.length > 0) return this.#digestOfDocuments(condition, options);
    const sum = this.#expression === null ? '0' : chunkSum(this.#expression);
    const [row] = await this.server.query(
      `SELECT COUNT(*) AS n, ${sum} AS h ${this.#from} ${condition}`,
      undefined,
      options,
    );
    const total = BigInt(String(row?.h ?? 0));
    return { rows: Number(row?.n), sum: total % nullUnit, oversized: Number(total / nullUnit) };
  }

  /** As the servers' own digest, summed up here. */
  async #digestOfDocuments(condition: string, options: QueryOptions): Promise<Digest> {
    const rows = await this.server.query(
      `SELECT ${this.#hashItems()} ${this.#from} ${condition}`,
      undefined,
      options,
    );
    let sum = 0n;
    let oversized = 0;
    for (const row of rows) {
      const hash = this.#hashOf(row);
      if (hash === null) oversized++;
      else sum += BigInt(`0x${hash.slice(0, 15)}`);
    }
    return { rows: rows.length, sum, oversized };
  }

  /** The SELECT items that `#hashOf` reads. No column can be named like the first. */
  #hashItems(): string {
    const hash = this.#expression === null ? anyRow : rowHash(this.#expression);
    const documents = this.#documents.map((sql, i) => `${sql} AS ${ident(documentName(i))}`);
    return [`${hash} AS \`\``, ...documents].join(', ');
  }

  /** Null for a row too large to be hashed. */
  #hashOf(row: SqlRow): string | null {
    const hash = row[''];
    if (hash === null || hash === undefined) return null;
    if (this.#documents.length === 0) return String(hash);
    const documents = this.#documents.map((_, i) => documentHash(row[documentName(i)] ?? null));
    return createHash('sha256')
      .update([hash, ...documents].join())
      .digest('hex')
      .slice(0, 32);
  }

  /** Keys and hashes of a chunk's rows, at most `limit`. */
  async list(chunk: Chunk, limit: number, options: QueryOptions): Promise<Map<string, ListedRow>> {
    return this.#rows(`WHERE ${chunkCondition(this.key, chunk)}${this.#where} LIMIT ${limit}`, options);
  }

  /** The rows that have one of these keys. */
  async byKeys(keys: KeyValues[], options: QueryOptions): Promise<Map<string, ListedRow>> {
    if (keys.length === 0) return new Map();
    return this.#rows(`WHERE ${anyOf(this.#requireKey(), keys)}${this.#where}`, options);
  }

  async #rows(condition: string, options: QueryOptions): Promise<Map<string, ListedRow>> {
    const key = this.#requireKey();
    const rows = await this.server.query(
      `SELECT ${keyItems(key)}, ${this.#hashItems()} ${this.#from} ${condition}`,
      undefined,
      options,
    );
    const listed = new Map<string, ListedRow>();
    for (const row of rows) {
      const values = keyOf(key, row);
      listed.set(keyId(values), { key: values, hash: this.#hashOf(row) });
    }
    return listed;
  }

  /** The key of the row `rows` rows behind `from`; null when there are not so many. */
  async boundary(chunk: Chunk, rows: number, options: QueryOptions): Promise<KeyValues | null> {
    const key = this.#requireKey();
    const conditions = [chunkCondition(key, chunk)];
    const [row] = await this.server.query(
      `SELECT ${keyItems(key)} ${this.#from} WHERE ${conditions.join(' AND ')} ORDER BY ${keyOrder(key)} LIMIT 1 OFFSET ${rows - 1}`,
      undefined,
      options,
    );
    return row ? keyOf(key, row) : null;
  }

  /** Counts no further than that. */
  async hasMoreThan(rows: number, options: QueryOptions): Promise<boolean> {
    const [row] = await this.server.query(
      `SELECT COUNT(*) AS n FROM (SELECT 1 ${this.#from} WHERE TRUE${this.#where} LIMIT ${rows + 1}) AS counted`,
      undefined,
      options,
    );
    return Number(row?.n) > rows;
  }

  /** Row hash → how many rows have it; for tables without a key. */
  async multiset(options: QueryOptions): Promise<Map<string, number>> {
    if (this.#documents.length > 0) throw new Undecidable(documentsWithoutKey);
    const hash = this.#expression === null ? anyRow : rowHash(this.#expression);
    const rows = await this.server.query(
      `SELECT ${hash} AS h, COUNT(*) AS n ${this.#from} WHERE TRUE${this.#where} GROUP BY h`,
      undefined,
      options,
    );
    return new Map(rows.map((row) => [row.h === null ? '' : String(row.h), Number(row.n)]));
  }

  /** Some columns' values of the rows with these keys. */
  async values(keys: KeyValues[], select: string[], options: QueryOptions): Promise<SqlValue[][]> {
    const rows = await this.server.query(
      `SELECT ${numbered(select)} ${this.#from} WHERE ${anyOf(this.#requireKey(), keys)}${this.#where} LIMIT ${keys.length * 2}`,
      undefined,
      options,
    );
    return rows.map((row) => select.map((_, i) => row[`c${i}`] ?? null));
  }

  /** Of the rows with these hashes, how many there are of each, and some columns' values; for tables without a key. */
  async contents(
    hashes: string[],
    select: string[],
    options: QueryOptions,
  ): Promise<Map<string, { rows: number; values: SqlValue[] }>> {
    const hash = this.#expression === null ? anyRow : rowHash(this.#expression);
    // Rows of one hash are the same, so the least value is the value.
    const least = select.map((sql) => `MIN(${sql})`);
    const rows = await this.server.query(
      `SELECT ${[`${hash} AS h`, 'COUNT(*) AS n', numbered(least)].join(', ')} ${this.#from}
       WHERE ${hash} IN (${hashes.map((h) => `'${h}'`).join(', ')})${this.#where} GROUP BY h`,
      undefined,
      options,
    );
    return new Map(
      rows.map((row) => [
        String(row.h),
        { rows: Number(row.n), values: select.map((_, i) => row[`c${i}`] ?? null) },
      ]),
    );
  }

  #requireKey(): Key {
    if (!this.key) throw new TypeError(`${formatTableName(this.name)} has no key`);
    return this.key;
  }
}

function numbered(select: string[]): string {
  return select.map((sql, i) => `${sql} AS c${i}`).join(', ');
}

function documentName(i: number): string {
  return `lockstep document ${i}`;
}
