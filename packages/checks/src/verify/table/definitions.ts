import { Gathering } from '../../server/gathering.ts';
import { retryConnection } from '../../server/retry-connection.ts';
import type { SqlServer } from '../../server/sql-server.ts';
import type { TableName } from '../../table-name.ts';
import { readDefinitions } from './catalog.ts';
import type { TableDefinition } from './definition.ts';

/** What a table is on both sides at a moment; null where it is not. */
export interface Definitions {
  source: TableDefinition | null;
  target: TableDefinition | null;
}

export interface DefinitionReaderOptions {
  source: SqlServer;
  target: SqlServer;
  signal: AbortSignal;
  /** Others are examined beside, and may be about to ask as well. */
  company: () => boolean;
}

/** So many tables in one statement: it stays a short one. */
const tablesAtOnce = 50;
const companyMs = 100;
/** Where a side is watched, little may happen between two looks. */
const watchingMs = 20;

/** Reads what tables are, of many that ask at the same time at once. */
export class DefinitionReader {
  readonly #servers: SqlServer[];
  readonly #signal: AbortSignal;
  readonly #source: Gathering<TableName, TableDefinition | null>;
  readonly #target: Gathering<TableName, TableDefinition | null>;
  readonly #watched: Record<keyof Definitions, Gathering<TableName, TableDefinition | null>>;

  constructor({ source, target, signal, company }: DefinitionReaderOptions) {
    const of = (server: SqlServer, lingerMs = companyMs) =>
      new Gathering<TableName, TableDefinition | null>({
        ask: (names) => readDefinitions(server, names, { signal }),
        most: tablesAtOnce,
        lingerMs: () => (company() ? lingerMs : 0),
      });
    this.#servers = [source, target];
    this.#signal = signal;
    this.#source = of(source);
    this.#target = of(target);
    this.#watched = { source: of(source, watchingMs), target: of(target, watchingMs) };
  }

  /** Rejects when a side cannot tell within `waitMs`: what could not be read again is not known to be as it was. */
  async read(name: TableName, waitMs: number): Promise<Definitions> {
    const [source, target] = await retryConnection(
      () => Promise.all([this.#source.ask(name), this.#target.ask(name)]),
      this.#servers,
      waitMs,
      this.#signal,
    );
    return { source, target };
  }

  /** One side, soon, and once: whoever watches it must know when a look failed. */
  readSide(side: keyof Definitions, name: TableName): Promise<TableDefinition | null> {
    return this.#watched[side].ask(name);
  }
}

export function sameDefinitions(a: Definitions, b: Definitions): boolean {
  return a.source?.fingerprint === b.source?.fingerprint && a.target?.fingerprint === b.target?.fingerprint;
}
