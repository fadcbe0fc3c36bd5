import type { Duplex } from 'node:stream';

/** Counts what a peer sends, and says once when it is more than is allowed now. */
export class Intake {
  readonly #onFull: () => void;
  #left: number;

  constructor(allowedBytes: number, onFull: () => void) {
    this.#left = allowedBytes;
    this.#onFull = onFull;
  }

  /** From now on so much more. */
  allow(bytes: number): void {
    this.#left = bytes;
  }

  /** May be called for several streams: the one under TLS says nothing any more once TLS has taken it over. */
  watch(stream: Duplex): void {
    stream.on('data', (chunk: Buffer) => {
      const before = this.#left;
      this.#left -= chunk.length;
      if (before >= 0 && this.#left < 0) this.#onFull();
    });
  }
}
