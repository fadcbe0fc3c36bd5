import { addAbortListener } from 'node:events';
import { whenListened } from './listened.ts';

/**
 * Bounds waiting: whatever is raced against a guard settles no later than the guard's deadline or its caller's abort.
 * Nobody is late by time in which this process was held up.
 * What is raced goes on by itself afterwards; `onLate` disposes of what it yields then.
 */
export class Guard {
  readonly #callOff: () => void;
  readonly #listening: Disposable | undefined;
  #trip!: (error: Error) => void;
  readonly #tripped: Promise<never>;
  /** Why it tripped; undefined while it has not. */
  reason: { error: Error } | undefined;

  constructor(timeoutMs: number, timeoutError: () => Error, signal?: AbortSignal) {
    this.#tripped = new Promise<never>((_, reject) => {
      this.#trip = (error) => {
        this.reason ??= { error };
        reject(error);
      };
    });
    this.#tripped.catch(() => {});
    this.#callOff = whenListened(timeoutMs, () => this.#trip(timeoutError()));
    if (signal?.aborted) this.#trip(signal.reason as Error);
    else this.#listening = signal && addAbortListener(signal, () => this.#trip(signal.reason as Error));
  }

  race<T>(work: Promise<T>, onLate?: (value: T) => void): Promise<T> {
    if (onLate) {
      work.then(
        (value) => this.reason && onLate(value),
        () => {},
      );
    }
    return Promise.race([this.#tripped, work]);
  }

  dispose(): void {
    this.#callOff();
    this.#listening?.[Symbol.dispose]();
  }
}
