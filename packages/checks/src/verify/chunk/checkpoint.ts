import { createHash } from 'node:crypto';
import type { StoredKey } from '../../model/checkpoint.ts';
import type { KeyValues } from '../key/key.ts';
import type { Chunk } from './chunk.ts';
import type { Tally } from './tally.ts';

export function signatureOf(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

export function storeKey(values: KeyValues): StoredKey {
  return values.map((value) => (Buffer.isBuffer(value) ? { hex: value.toString('hex') } : value));
}

export function restoreKey(stored: StoredKey): KeyValues {
  return stored.map((value) =>
    typeof value === 'object' && value !== null ? Buffer.from(value.hex, 'hex') : value,
  );
}

/** Chunks are begun in order and end in any; what counts is how far there is no gap. */
export class Frontier {
  /** Of all chunks that ended without a gap before them. */
  readonly tally: Tally;
  upTo: KeyValues | null;
  readonly #maxRows: number;
  readonly #ended = new Map<number, { found: Tally; to: KeyValues | null }>();
  #begun = 0;
  /** Below the numbers of chunks. */
  #salvaged = 0;
  #next = 0;

  constructor(from: { tally: Tally; upTo: KeyValues | null }, maxRows: number) {
    this.tally = from.tally;
    this.upTo = from.upTo;
    this.#maxRows = maxRows;
  }

  begin(): number {
    return this.#begun++;
  }

  /** True when the frontier moved. */
  end(number: number, chunk: Chunk, found: Tally): boolean {
    this.#ended.set(number, { found, to: chunk.to });
    const before = this.#next;
    for (let next = this.#ended.get(this.#next); next; next = this.#ended.get(this.#next)) {
      this.#ended.delete(this.#next++);
      this.tally.add(next.found, this.#maxRows);
      this.upTo = next.to;
    }
    return this.#next > before;
  }

  /** Keeps what was confirmed in a chunk that was not compared to its end. */
  salvage(found: Tally): void {
    this.#ended.set(--this.#salvaged, { found, to: null });
  }

  /** Adds what lies beyond a gap as well: for a table that was not compared to its end. */
  close(): void {
    for (const { found } of this.#ended.values()) this.tally.add(found, this.#maxRows);
    this.#ended.clear();
  }
}
