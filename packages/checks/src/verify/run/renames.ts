import { maxNames } from '../../server/answer-bounds.ts';
import { retryConnection } from '../../server/retry-connection.ts';
import type { SqlRow, SqlServer } from '../../server/sql-server.ts';
import { text } from '../../server/sql-text.ts';
import { tableId, type TableName } from '../../table-name.ts';
import { readDefinitions } from '../table/catalog.ts';
import type { TableDefinition } from '../table/definition.ts';

/** How many statements gave tables other names on a server, as of a moment. */
export interface NamesMark {
  statements: number;
  /** What counts them began so long before. */
  countedForMs: number;
  /** On the monitor's monotonic clock. */
  atMs: number;
}

/** Uptimes are in whole seconds. */
const toleranceMs = 2000;

/** No SELECT of MySQL's tells it. */
const statusStatement = `SHOW GLOBAL STATUS WHERE Variable_name IN ('Com_alter_table', 'Com_rename_table', 'Uptime_since_flush_status')`;

/** Of more tables the definitions are not read: one of them may well be the same. */
const mostCompanions = 50;

/** What is known of a table before it is compared. */
export interface Named {
  mark: NamesMark;
  /** Tables that were beside it and may have been made in the same second. */
  companions: TableName[];
}

/**
 * Tells, for one run on one server, whether one table may have taken another's place under its name, where their
 * definitions do not tell: MySQL, and other engines of MariaDB, date a table by the second in which it was made, under
 * whatever name. InnoDB on MariaDB dates it by its file, which every new name touches.
 *
 * Everybody may read how often names of tables changed on a server. What a replica applies counts as well.
 */
export class Renames {
  readonly #server: SqlServer;
  readonly #waitMs: number;
  readonly #signal: AbortSignal;
  /** By what of the catalog they are of. */
  readonly #listings = new Map<string, Promise<Listing>>();
  #last: NamesMark | null = null;

  constructor(server: SqlServer, waitMs: number, signal: AbortSignal) {
    this.#server = server;
    this.#waitMs = waitMs;
    this.#signal = signal;
  }

  /** To be asked before the table is compared. Null: its definition will tell. */
  async before(table: TableDefinition): Promise<Named | null> {
    const dates = this.#dates(table);
    const where = dates === 'undated' ? `undated ${table.schema}` : dates;
    const listing = this.#listings.get(where) ?? this.#list(dates, table.schema);
    this.#listings.set(where, listing);
    const { since, made } = await listing.catch((error: unknown) => {
      this.#listings.delete(where);
      throw error;
    });
    const companions = without(made.get(dates === 'dated' ? (table.made ?? '') : '') ?? [], table);
    if (table.made !== null && table.made < since && companions.length === 0) return null;
    return { mark: this.#last!, companions };
  }

  /**
   * Whether the table may have taken another's place since. `unwatched`: part of it was compared before all that is
   * known.
   */
  async since(table: TableDefinition, { mark, companions }: Named, unwatched: boolean): Promise<boolean> {
    const now = await this.#read();
    const counted = now.countedForMs - mark.countedForMs >= now.atMs - mark.atMs - toleranceMs;
    if (counted && now.statements === mark.statements && !unwatched) return false;
    this.#listings.clear();
    const dates = this.#dates(table);
    const left = dates === 'undated' ? await this.#names(dates, table.schema) : [];
    const there = new Set(left.map((row) => tableId(nameOf(row))));
    const rows = await this.#query(
      `SELECT TABLE_SCHEMA AS s, TABLE_NAME AS t FROM information_schema.TABLES
       WHERE CREATE_TIME = ${text(table.made ?? '')} AND ${this.#isMysql ? users : inSchema(table.schema)}`,
    );
    const others = new Map(
      [...companions.filter((name) => !there.has(tableId(name))), ...without(rows.map(nameOf), table)].map(
        (name) => [tableId(name), name],
      ),
    );
    if (others.size > mostCompanions) return true;
    if (others.size === 0) return false;
    const ask = () => readDefinitions(this.#server, [...others.values()], { signal: this.#signal });
    const definitions = await retryConnection(ask, [this.#server], this.#waitMs, this.#signal);
    // What one was that is there no more, nobody knows.
    return definitions.some((other) => other === null || other.fingerprint === table.fingerprint);
  }

  get #isMysql(): boolean {
    return this.#server.facts?.flavour === 'mysql';
  }

  #dates({ engine }: TableDefinition): Dates {
    if (this.#isMysql) return 'dated';
    return engine === 'InnoDB' ? 'by file' : 'undated';
  }

  #names(dates: Dates, schema: string): Promise<SqlRow[]> {
    if (dates === 'by file') return Promise.resolve([]);
    return this.#query(
      dates === 'dated'
        ? `SELECT TABLE_SCHEMA AS s, TABLE_NAME AS t, CREATE_TIME AS made FROM information_schema.TABLES
           WHERE ${users} AND TABLE_TYPE = 'BASE TABLE' LIMIT ${maxNames}`
        : `SELECT TABLE_SCHEMA AS s, TABLE_NAME AS t, '' AS made FROM information_schema.TABLES
           WHERE ${inSchema(schema)} AND TABLE_TYPE = 'BASE TABLE' AND ENGINE <> 'InnoDB' LIMIT ${maxNames}`,
    );
  }

  async #list(dates: Dates, schema: string): Promise<Listing> {
    const [[now], rows] = await Promise.all([
      this.#query('SELECT NOW() - INTERVAL 1 SECOND AS since'),
      this.#names(dates, schema),
      this.#read(),
    ]);
    const made = Map.groupBy(rows, (row) => String(row.made));
    return {
      // Of those that a list has no room for, any may have been made at any time.
      since: rows.length < maxNames ? String(now?.since) : '',
      made: new Map([...made].map(([second, tables]) => [second, tables.map(nameOf)])),
    };
  }

  async #read(): Promise<NamesMark> {
    const atMs = performance.now();
    const rows = await this.#query(statusStatement);
    const values = new Map(rows.map(({ Variable_name, Value }) => [String(Variable_name), Number(Value)]));
    const read = (name: string) => values.get(name) ?? NaN;
    this.#last = {
      statements: read('Com_alter_table') + read('Com_rename_table'),
      countedForMs: read('Uptime_since_flush_status') * 1000,
      atMs,
    };
    return this.#last;
  }

  #query(sql: string): Promise<SqlRow[]> {
    const signal = this.#signal;
    const ask = () => this.#server.query(sql, undefined, { signal, maxRows: maxNames });
    return retryConnection(ask, [this.#server], this.#waitMs, signal);
  }
}

/**
 * What a list of names tells of when a table was made, where the rest of it is not opened for that: on MySQL all; on
 * MariaDB nothing, and for InnoDB nothing is to be asked.
 */
type Dates = 'dated' | 'undated' | 'by file';

interface Listing {
  /** A table that was made later may have companions that are not in it. */
  since: string;
  /** By the second. */
  made: ReadonlyMap<string, TableName[]>;
}

const users = `TABLE_SCHEMA NOT IN ('mysql', 'sys', 'performance_schema', 'information_schema')`;

function inSchema(schema: string): string {
  return `TABLE_SCHEMA = ${text(schema)}`;
}

function nameOf(row: SqlRow): TableName {
  return { schema: String(row.s), table: String(row.t) };
}

function without(names: TableName[], name: TableName): TableName[] {
  return names.filter((other) => tableId(other) !== tableId(name));
}
