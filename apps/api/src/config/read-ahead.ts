import { readInTime } from './meanwhile.ts';
import { readingFrom } from './whole-file.ts';

/**
 * Files for work that reads them as it goes, and must not wait for a disk: it is done with those that are known, and
 * again once those that it wanted besides were read.
 */
export class ReadAhead {
  readonly #known = new Map<string, Buffer | Error>();
  readonly #wanted = new Set<string>();

  /** What comes of the work is worth nothing while something is lacking. */
  for<Value>(work: () => Value): Value {
    return readingFrom((file) => this.#get(file), work);
  }

  get lacks(): boolean {
    return this.#wanted.size > 0;
  }

  /** Reads what is lacking, as far as it can be. */
  async fetch(): Promise<void> {
    const files = [...this.#wanted];
    const read = await Promise.all(files.map((file) => readInTime(file).catch((error: Error) => error)));
    for (const [n, file] of files.entries()) this.#known.set(file, read[n]!);
    this.#wanted.clear();
  }

  #get(file: string): Buffer {
    const known = this.#known.get(file);
    if (Buffer.isBuffer(known)) return known;
    if (known === undefined) this.#wanted.add(file);
    throw known ?? new Error('it is not read yet');
  }
}
