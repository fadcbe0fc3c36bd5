import type { Logger } from '@lockstep/checks';
import type { Destination } from './destination.ts';
import { madeUp } from './made-up.ts';

export interface WatchdogOptions {
  destination: Destination;
  /** Why it has to keep silent; null while Lockstep is well. */
  trouble: () => string | null;
  link: () => string | null;
  log: Logger;
  now: () => number;
  /** Rejects when aborted. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * The dead man's switch: tells a destination again and again that Lockstep is at work, so that somebody else notices
 * when it is not. It is in no outbox: what is told late would be a lie.
 */
export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #stopping = new AbortController();
  #working: Promise<void> | null = null;
  /** Whether the last message went out, as far as the log has said. */
  #said: boolean | null = null;

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  start(): void {
    this.#working ??= this.#work();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#working;
  }

  async #work(): Promise<void> {
    const { destination, sleep } = this.#options;
    const { signal } = this.#stopping;
    const everyMs = destination.watchdogMs ?? 60_000;
    // Whoever starts it may have something to start after it.
    await Promise.resolve();
    while (!signal.aborted) {
      await this.#tell();
      await sleep(everyMs, signal).catch(() => undefined);
    }
  }

  async #tell(): Promise<void> {
    const { destination, trouble, link, now } = this.#options;
    const wrong = trouble();
    if (wrong !== null) {
      this.#say(false, `not told, for Lockstep is not well: ${wrong}`);
      return;
    }
    const at = new Date(now());
    const alert = madeUp(
      'watchdog',
      {
        summary: 'Lockstep is at work',
        evidence: 'This always fires; when it does not arrive any more, nobody is told of anything',
      },
      at,
    );
    const key = `watchdog/${at.toISOString()}`;
    try {
      await destination.send(
        { key, event: 'watchdog', alert, alerts: [alert], group: null, earlier: new Map(), link: link() },
        this.#stopping.signal,
      );
      this.#say(true, 'told');
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      this.#say(false, `not told: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Each change once. */
  #say(ok: boolean, what: string): void {
    if (this.#said === ok) return;
    this.#said = ok;
    const { destination, log } = this.#options;
    log[ok ? 'info' : 'warn']({ destination: destination.name }, `watchdog of ${destination.name}: ${what}`);
  }
}
