import { createHash } from 'node:crypto';
import type { Write } from './transaction.ts';

/** Rows by key. One column of content is enough: how a row becomes a hash is tested on real servers. */
export class Table {
  readonly rows = new Map<number, number>();
  /** Besides the key. */
  columns: string[] = ['v'];
  keyless = false;
  /** A row that is not found by its key as it is printed. */
  unnamed: number | null = null;
  /** Counts how often it was altered; a definition's time of making. */
  altered = 0;

  get made(): string {
    return new Date(Date.UTC(2026, 0, 1, 0, 0, this.altered)).toISOString();
  }

  write({ id, value }: Write): void {
    if (value === null) this.rows.delete(id);
    else this.rows.set(id, value);
  }

  copy(): Table {
    const copy = new Table();
    for (const [id, value] of this.rows) copy.rows.set(id, value);
    return Object.assign(copy, { columns: this.columns, keyless: this.keyless, unnamed: this.unnamed });
  }

  alter(columns: string[]): void {
    this.columns = columns;
    this.altered++;
  }
}

export interface RowHash {
  /** 128 bits in hex, as `LEFT(SHA2(…, 256), 32)`. */
  hash: string;
  /** 60 bits, as a chunk's digest sums them up. */
  part: bigint;
}

const known = new Map<string, RowHash>();

/** As the servers take it of a row's content, under what columns it has. */
export function hashOf(content: string): RowHash {
  let hash = known.get(content);
  if (!hash) {
    const hex = createHash('sha256').update(content).digest('hex');
    hash = { hash: hex.slice(0, 32), part: BigInt(`0x${hex.slice(0, 15)}`) };
    if (known.size > 200_000) known.clear();
    known.set(content, hash);
  }
  return hash;
}
