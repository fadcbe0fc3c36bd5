import type { TableName } from '../../table-name.ts';

/** What a table is made of on one server. Source: information_schema. */
export interface TableDefinition extends TableName {
  engine: string | null;
  /** From the server's statistics: an estimate. */
  rowsEstimated: number;
  /** Average length of a row in bytes, estimated. */
  rowBytes: number;
  columns: Column[];
  indexes: Index[];
  /** Keeps what its rows were before (MariaDB); only what they are is read. */
  versioned: boolean;
  /** When it was, to the second, as the server prints it in the session's time zone; null where it does not tell. */
  made: string | null;
  /** Changes whenever the table is altered or made anew; compared before and after a run. */
  fingerprint: string;
}

export interface Column {
  name: string;
  /** Lower case, without length: `varchar`, `bigint`. */
  dataType: string;
  /** As the server prints it: `varchar(20)`, `bigint(20) unsigned`. */
  columnType: string;
  nullable: boolean;
  charset: string | null;
  collation: string | null;
  /** Greatest length in bytes of text and binary types. */
  octets: number | null;
  /** Digits after the point of numeric types. */
  scale: number | null;
  /** Fractional digits of seconds. */
  precision: number | null;
  generated: 'virtual' | 'stored' | null;
  /** What a generated column is made of, as the server writes it; '' where nothing is. */
  expression: string;
  invisible: boolean;
  /** GEOMETRY and the like carry one on MySQL; part of the value there. */
  extra: string;
}

/** One column on both sides. */
export interface Sides {
  source: Column;
  target: Column;
}

export interface Index {
  name: string;
  unique: boolean;
  /** Null for an expression instead of a column. */
  columns: (string | null)[];
  /** Only the first bytes of some column are in it. */
  prefixed: boolean;
  /** Column by column. */
  descending: boolean[];
  /** Its columns as DDL has them: `a`, `b(10)`, `c DESC`; an expression where the server tells it. */
  parts: string[];
  nullable: boolean;
  /** As the server names it: BTREE, HASH, FULLTEXT, SPATIAL, VECTOR. */
  type: string;
  /** The optimizer may use it: not invisible (MySQL), nor ignored (MariaDB). */
  visible: boolean;
}

/** When a row of a system-versioned table began or ended to be: each server's own. */
export function systemPeriod({ expression }: Column): boolean {
  return /^ROW (START|END)$/i.test(expression);
}

/** The engine of these that keeps no rows, but reads them elsewhere; null where each keeps its own. */
export function shownFromElsewhere(...definitions: (TableDefinition | null)[]): string | null {
  const engines = definitions.map((definition) => definition?.engine ?? '');
  return engines.find((engine) => /^(federated|spider|connect|s3)$/i.test(engine)) ?? null;
}

/** Whether a table's engine shows a change when its transaction is over, and no sooner. */
export function knowsTransactions(engine: string): boolean {
  return transactional.test(engine);
}

const transactional = /^(innodb|rocksdb|tokudb|ndb(cluster)?)$/i;
