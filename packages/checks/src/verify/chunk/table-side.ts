import { createHash } from 'node:crypto';
import type { QueryOptions, SqlServer, SqlValue } from '../../server/sql-server.ts';
import { alias, ident, qualified, selected, selectItems } from '../../server/sql-text.ts';
import { formatTableName, type TableName } from '../../table-name.ts';
import { Breather } from '../../time/breather.ts';
import { keyId, type KeyValues, type SideKey } from '../key/key.ts';
import { anyOf, keyOrder } from '../key/key-condition.ts';
import { documentHash, type Reading, readingsOf } from '../row/document.ts';
import type { EncodedSide } from '../row/encoding.ts';
import { chunkSum, nullUnit, rowHash } from '../row/row-expression.ts';
import { Undecidable } from '../undecidable.ts';
import { type Chunk, chunkCondition } from './chunk.ts';
import { isSameItem, mustBeSame } from './same-table.ts';

/** What one statement says of a chunk. Two sides' chunks are the same if `rows` and `sum` are. */
export interface Digest {
  rows: number;
  sum: bigint;
  /** Rows too large for the server to put together; they cannot be compared this way. */
  oversized: number;
}

export interface ListedRow {
  key: KeyValues;
  /** Null for a row too large to be hashed; of several rows all their hashes, in order. */
  hash: string | null;
  /** How many rows have this key as it is printed: of more than one none is named by it. */
  copies: number;
  /** The same with another reading of JSON documents' numbers; absent where that makes no other. */
  other?: string;
  /** This side's own reading of the condition leaves it out; told of what is sought by its key. */
  leftOut?: true;
}

export type RowDocument = Pick<EncodedSide, 'sql' | 'stored'>;

/** What of a row goes into its hash, on one side. */
export interface RowContent {
  /** Null: nothing but that it is there. */
  expression: string | null;
  /** JSON columns that have to be compared by value: read, and put into the row's hash here. */
  documents: RowDocument[];
}

/** Rows by the id of their key. */
export type Listed = Map<string, ListedRow>;

/** Stands for the hash where only the presence of rows is compared. */
const anyRow = `'row'`;

/** By the hash that is selected first; MariaDB, and MySQL 5.7, would sort what they put together so. */
const byContent = `GROUP BY ${ident(alias(0))} ORDER BY NULL`;

const documentsWithoutKey =
  'the table has no key, and JSON that MySQL and MariaDB write differently: its rows cannot be named on both sides';

/**
 * All the questions that verification asks one server about one table; each is one short SELECT.
 *
 * A condition says which rows are looked for, and each server reads it in its own way: by its collations, its clock,
 * its functions. So what it leaves out is not yet missing, and what is sought by its key, or its content, is sought
 * whether it fits or not.
 */
export class TableSide {
  readonly server: SqlServer;
  readonly name: TableName;
  readonly key: SideKey | null;
  /** What is written and not committed can be read as well. */
  readonly showsPending: boolean;
  readonly #content: RowContent;
  /** Of rows that are sought by their keys, or have no key. */
  readonly #sought: RowContent;
  readonly #where: string;
  readonly #condition: string | null;
  readonly #from: string;
  readonly #made: string | null;

  constructor(options: {
    server: SqlServer;
    name: TableName;
    key: SideKey | null;
    /** Null compares which rows are there, not what is in them. */
    expression: string | null;
    documents?: RowDocument[];
    /** What is in rows that are sought by their keys, or have none, where only their number is compared otherwise. */
    sought?: RowContent | null;
    where: string | null;
    showsPending?: boolean;
    /** When the table was made that is meant, where another one may have its name meanwhile. */
    made?: string | null;
  }) {
    this.server = options.server;
    this.name = options.name;
    this.key = options.key;
    this.showsPending = options.showsPending ?? false;
    this.#content = { expression: options.expression, documents: options.documents ?? [] };
    this.#sought = options.sought ?? this.#content;
    this.#condition = options.where || null;
    this.#where = options.where ? ` AND (${options.where})` : '';
    // The optimizer may think a scan of the whole table cheaper than a range of a secondary key; for every chunk.
    const hint = options.key?.index ? ` FORCE INDEX (${ident(options.key.index)})` : '';
    this.#from = `FROM ${qualified(options.name)}${hint}`;
    this.#made = options.made ?? null;
  }

  /** There is a condition, by which it may. */
  get leavesOut(): boolean {
    return this.#condition !== null;
  }

  digest(chunk: Chunk, options: QueryOptions): Promise<Digest> {
    return this.#digest(`${chunkCondition(this.key, chunk)}${this.#where}`, this.#content, options);
  }

  /** Of the rows that have one of these keys: whether anything about them changed, for the price of one row. */
  async digestOfKeys(keys: KeyValues[], within: Chunk, options: QueryOptions): Promise<Digest> {
    const all: Digest = { rows: 0, sum: 0n, oversized: 0 };
    for (const batch of batches(keys)) {
      const { rows, sum, oversized } = await this.#digest(this.#rowsOf(batch, within), this.#sought, options);
      all.rows += rows;
      all.sum += sum;
      all.oversized += oversized;
    }
    return all;
  }

  /** What `digestOfKeys` says of rows that have these hashes. */
  digestOfHashes(hashes: string[]): Digest {
    const each = hashes.flatMap((hash) => hash.split('+'));
    const nothingRead = this.#sought.expression === null && this.#sought.documents.length === 0;
    const sum = nothingRead ? 0n : each.reduce((sum, hash) => sum + summand(hash), 0n);
    return { rows: each.length, sum, oversized: 0 };
  }

  async #digest(rows: string, content: RowContent, options: QueryOptions): Promise<Digest> {
    const condition = `WHERE ${rows}`;
    if (content.documents.length > 0) return this.#digestOfDocuments(condition, content, options);
    const sum = content.expression === null ? '0' : chunkSum(content.expression);
    const [row] = await this.#select(['COUNT(*)', sum], condition, options);
    const total = this.#whole(row?.[1] ?? 0);
    return { rows: this.#count(row?.[0]), sum: total % nullUnit, oversized: Number(total / nullUnit) };
  }

  /** As the servers' own digest, summed up here. */
  async #digestOfDocuments(condition: string, content: RowContent, options: QueryOptions): Promise<Digest> {
    const query = { ...options, maxRows: maxDocuments };
    const rows = await this.#select(hashItems(content), condition, query);
    let sum = 0n;
    let oversized = 0;
    const breather = new Breather();
    for (const row of rows) {
      if (breather.isDue) await breather.breathe();
      mustBeWhole(this.server, row, content);
      const hash = hashOf(row, content);
      if (hash === null) oversized++;
      else sum += summand(hash);
    }
    return { rows: rows.length, sum, oversized };
  }

  /** Keys and hashes of a chunk's rows, at most `limit`. */
  list(chunk: Chunk, limit: number, options: QueryOptions): Promise<Listed> {
    const condition = `WHERE ${chunkCondition(this.key, chunk)}${this.#where} LIMIT ${limit}`;
    return this.#rows(condition, this.#content, { ...options, maxRows: limit });
  }

  /** The rows of a chunk that have one of these keys, fit or not; a key that names a row elsewhere finds none. */
  async byKeys(keys: KeyValues[], within: Chunk, options: QueryOptions): Promise<Listed> {
    const listed: Listed = new Map();
    for (const batch of batches(keys)) {
      const query = { ...options, maxRows: batch.length * 2 };
      const rows = await this.#rows(
        `WHERE ${this.#rowsOf(batch, within)}`,
        this.#sought,
        query,
        this.#leavesOut(),
      );
      for (const [id, row] of rows) listed.set(id, row);
    }
    return listed;
  }

  /** Of these keys the ids of those that a row has which lies outside of `within`, by this side's own order. */
  async outside(keys: KeyValues[], within: Chunk, options: QueryOptions): Promise<Set<string>> {
    const key = this.#requireKey();
    const found = new Set<string>();
    for (const batch of batches(keys)) {
      const elsewhere = `WHERE ${anyOf(key, batch)} AND NOT (${chunkCondition(key, within)})${this.#where}`;
      const query = { ...options, maxRows: batch.length * 2 };
      for (const row of await this.#select(readsOf(key), elsewhere, query)) found.add(keyId(row));
    }
    return found;
  }

  /** The SELECT item that says whether a row is left out; none where there is no condition. */
  #leavesOut(): string[] {
    return this.#condition === null ? [] : [`(${this.#condition}) IS NOT TRUE`];
  }

  #rowsOf(keys: KeyValues[], within: Chunk): string {
    return `${anyOf(this.#requireKey(), keys)} AND ${chunkCondition(this.key, within)}`;
  }

  /** `leaves`: what is selected besides, to say whether a row is left out. */
  async #rows(
    condition: string,
    content: RowContent,
    options: QueryOptions,
    leaves: string[] = [],
  ): Promise<Listed> {
    const reads = readsOf(this.#requireKey());
    const rows = await this.#select([...reads, ...leaves, ...hashItems(content)], condition, options);
    const listed: Listed = new Map();
    // Rows under one printed key may be all of a chunk.
    const twins = new Map<string, (string | null)[]>();
    const breather = new Breather();
    for (const row of rows) {
      if (breather.isDue) await breather.breathe();
      const key = row.slice(0, reads.length);
      const leftOut = leaves.length > 0 && Number(row[reads.length]) === 1;
      const told = row.slice(reads.length + leaves.length);
      mustBeWhole(this.server, told, content);
      const hash = hashOf(told, content);
      const other = hashOf(told, content, 'digits');
      const id = keyId(key);
      const first = listed.get(id);
      const known = twins.get(id);
      if (!first) {
        const more = { ...(other !== null && other !== hash && { other }), ...(leftOut && { leftOut }) };
        listed.set(id, { key, hash, copies: 1, ...more });
      } else if (known) known.push(hash);
      else twins.set(id, [first.hash, hash]);
    }
    for (const [id, hashes] of twins) {
      const key = listed.get(id)?.key ?? [];
      listed.set(id, { key, hash: together(hashes), copies: hashes.length });
    }
    return listed;
  }

  /** The key of the row `rows` rows behind `from`; null when there are not so many. */
  async boundary(chunk: Chunk, rows: number, options: QueryOptions): Promise<KeyValues | null> {
    const key = this.#requireKey();
    const order = `ORDER BY ${keyOrder(key)} LIMIT 1 OFFSET ${rows - 1}`;
    const condition = `WHERE ${chunkCondition(key, chunk)} ${order}`;
    // Where a chunk ends decides nothing: what is in it is compared, wherever that is.
    const query = { ...options, emptyTells: false };
    const [row] = await this.#select(readsOf(key), condition, query);
    return row ?? null;
  }

  /** Counts no further than that. */
  async hasMoreThan(rows: number, options: QueryOptions): Promise<boolean> {
    const some = `SELECT 1 ${this.#from} WHERE TRUE${this.#where} LIMIT ${rows + 1}`;
    const statement = `SELECT ${selectItems(['COUNT(1)'])} FROM (${some}) AS ${ident(alias(1))}`;
    const [row] = await this.server.query(statement, undefined, options);
    return row !== undefined && Number(selected(row, 0)) > rows;
  }

  /** Row hash → how many rows have it; for tables without a key. */
  async multiset(options: QueryOptions): Promise<Map<string, number>> {
    if (this.#sought.documents.length > 0) throw new Undecidable(documentsWithoutKey);
    const condition = `WHERE TRUE${this.#where} ${byContent}`;
    const rows = await this.#select([hashItem(this.#sought), 'COUNT(*)'], condition, options);
    return new Map(rows.map(([hash, count]) => [hash === null ? '' : String(hash), this.#count(count)]));
  }

  /** Some columns' values of the rows with these keys, fit or not. */
  async values(keys: KeyValues[], select: string[], options: QueryOptions): Promise<SqlValue[][]> {
    const key = this.#requireKey();
    const rows: SqlValue[][] = [];
    for (const batch of batches(keys)) {
      const condition = `WHERE ${anyOf(key, batch)} LIMIT ${batch.length * 2}`;
      const query = { ...options, maxRows: batch.length * 2 };
      rows.push(...(await this.#select(select, condition, query)));
    }
    return rows;
  }

  /**
   * Of the rows with these hashes, how many there are of each, and some columns' values; for tables without a key.
   * `fit`: of those that fit.
   */
  async contents(
    hashes: string[],
    select: string[],
    options: QueryOptions,
    fit = true,
  ): Promise<Map<string, { rows: number; values: SqlValue[] }>> {
    const hash = hashItem(this.#sought);
    // Rows of one hash are the same, so the least value is the value.
    const items = [hash, 'COUNT(*)', ...select.map((sql) => `MIN(${sql})`)];
    const wanted = hashes.map((h) => `'${h}'`).join(', ');
    const condition = `WHERE ${hash} IN (${wanted})${fit ? this.#where : ''} ${byContent}`;
    const rows = await this.#select(items, condition, options);
    return new Map(rows.map(([h, count, ...values]) => [String(h), { rows: this.#count(count), values }]));
  }

  /** Every SELECT on the table goes through here, so that no name in it meets a name of the table's. */
  async #select(items: string[], condition: string, options: QueryOptions): Promise<SqlValue[][]> {
    const told = this.#made === null ? items : [...items, isSameItem(this.name, this.#made)];
    const rows = await this.server.query(
      `SELECT ${selectItems(told)} ${this.#from} ${condition}`,
      undefined,
      options,
    );
    if (this.#made !== null) for (const row of rows) mustBeSame(this.server, selected(row, items.length));
    return rows.map((row) => items.map((_, i) => selected(row, i)));
  }

  #count(value: SqlValue | undefined): number {
    const count = Number(this.#whole(value));
    if (Number.isSafeInteger(count)) return count;
    throw new Undecidable(`${this.server.name} counts more rows than a table has`);
  }

  /** To read a number of millions of digits takes seconds, in which nothing else has its turn. */
  #whole(value: SqlValue | undefined): bigint {
    const digits = String(value);
    if (/^\d{1,65}$/.test(digits)) return BigInt(digits);
    throw new Undecidable(`${this.server.name} answers with what is no number where it was asked for one`);
  }

  #requireKey(): SideKey {
    if (!this.key) throw new TypeError(`${formatTableName(this.name)} has no key`);
    return this.key;
  }
}

/** Both sides have the same in it, or neither has it. */
export function sameRow(a: ListedRow | undefined, b: ListedRow | undefined): boolean {
  if (a?.hash === b?.hash) return true;
  if (a?.hash == null || b?.hash == null) return false;
  return a.other === b.hash || b.other === a.hash;
}

/** Of what `hashItems` selects; null for a row too large to be hashed. */
function hashOf(
  [hash, ...documents]: (SqlValue | undefined)[],
  content: RowContent,
  reading?: Reading,
): string | null {
  if (hash === null || hash === undefined) return null;
  if (documents.length === 0) return String(hash);
  const each = content.documents.map((document, i) =>
    documentHash(documents[i] ?? null, reading ?? readingsOf(document)[0]),
  );
  return createHash('sha256')
    .update([hash, ...each].join())
    .digest('hex')
    .slice(0, 32);
}

/** The SELECT items that a row's hash is made of, and how many bytes each document has. */
function hashItems(content: RowContent): string[] {
  const documents = content.documents.map(({ sql }) => sql);
  if (documents.length === 0) return [hashItem(content)];
  const lengths = documents.map((sql) => `IFNULL(LENGTH(${sql}), 'N')`);
  return [hashItem(content), ...documents, `CONCAT_WS(',', ${lengths.join(', ')})`];
}

/** What is left of two documents that somebody cuts may be the same. */
function mustBeWhole(
  { name }: Pick<SqlServer, 'name'>,
  told: (SqlValue | undefined)[],
  { documents }: RowContent,
): void {
  if (documents.length === 0 || told[0] === null) return;
  const came = told
    .slice(1, documents.length + 1)
    .map((document) => (document == null ? 'N' : Buffer.byteLength(document.toString())));
  if (came.join() === String(told[documents.length + 1])) return;
  throw new Undecidable(`${name} does not send documents whole: does a proxy cut long values?`);
}

function hashItem({ expression }: RowContent): string {
  return expression === null ? anyRow : rowHash(expression);
}

/** Well under the smallest usual max_allowed_packet, a key written as SQL being up to four times as long as it is. */
const maxKeyChars = 128 * 1024;

/** As many keys as fit into one statement, however long they are. */
function* batches(keys: KeyValues[]): Generator<KeyValues[]> {
  let batch: KeyValues[] = [];
  let chars = 0;
  for (const key of keys) {
    const length = keyId(key).length;
    if (batch.length > 0 && chars + length > maxKeyChars) {
      yield batch;
      batch = [];
      chars = 0;
    }
    batch.push(key);
    chars += length;
  }
  if (batch.length > 0) yield batch;
}

/** Of a table that has to be read at once, for a key without ranges. */
const maxDocuments = 200_000;

/** What a row adds to a digest. */
function summand(hash: string): bigint {
  return BigInt(`0x${hash.slice(0, 15)}`);
}

function readsOf({ columns }: SideKey): string[] {
  return columns.map(({ read }) => read);
}

function together(hashes: readonly (string | null)[]): string | null {
  return hashes.includes(null) ? null : hashes.toSorted().join('+');
}
