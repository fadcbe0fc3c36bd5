/** What a transaction does to one row: its new content, or null where it deletes it. */
export interface Write {
  id: number;
  value: number | null;
}

/** As a source writes it into its binlog; in the order of `index`. */
export interface Transaction {
  /** Counted from 0. */
  index: number;
  /** MariaDB's replication domain, and the number in it; MySQL counts on one number. */
  domain: number;
  sequence: number;
  writes: Write[];
  /** The new shape of the table, where the transaction is DDL. */
  columns: string[] | null;
  /** Where it ends in the binlog. */
  end: number;
  /** When it was written there, in true time; and as the source's own clock has it. */
  at: number;
  stampedAt: number;
}
