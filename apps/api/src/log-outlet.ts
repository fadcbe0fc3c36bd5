import type { Writable } from 'node:stream';

/** Characters that wait at most for who reads the log; once lines were lost, new ones wait for half of that. */
const mostWaiting = 4 * 1024 * 1024;

/** Told how many lines were lost, and why, when the next one is about to be written. */
export type TellLost = (lines: number, why: string) => void;

/**
 * Where the lines of a log go. That they cannot be written (a full disk), or that nobody reads them (a pipe), costs
 * those lines, and neither the program nor its memory.
 */
export class LogOutlet {
  readonly #stream: Writable;
  #lost = 0;
  #why = '';
  /** The end of a line may be missing: a full disk takes a part of one. */
  #torn = false;
  /** The lines that are said to be lost while that is being written. */
  #telling: number | null = null;
  tellLost: TellLost = () => {};

  constructor(stream: Writable) {
    this.#stream = stream;
    // Each line's own callback tells; an error that nobody listens to would end the process.
    stream.on('error', () => {});
  }

  write(line: string): void {
    const waiting = this.#stream.writableLength;
    if (waiting > (this.#lost > 0 ? mostWaiting / 2 : mostWaiting)) {
      this.#lose(1, 'nobody reads it');
      return;
    }
    if (this.#lost > 0) this.#tell();
    this.#put(line);
  }

  #tell(): void {
    const lines = (this.#telling = this.#lost);
    this.#lost = 0;
    try {
      this.tellLost(lines, this.#why);
    } finally {
      this.#telling = null;
    }
  }

  #put(line: string): void {
    const lines = this.#telling ?? 1;
    const text = this.#torn ? `\n${line}` : line;
    this.#torn = false;
    this.#stream.write(text, (error) => {
      if (!error) return;
      this.#torn = true;
      this.#lose(lines, error.message);
    });
  }

  #lose(lines: number, why: string): void {
    this.#lost += lines;
    this.#why = why;
  }
}
