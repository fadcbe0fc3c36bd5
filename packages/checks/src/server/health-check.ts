import type { Clock } from '../time/clock.ts';
import { sleep } from '../time/sleep.ts';
import type { ServerFault } from './sql-server.ts';

/** Faults come in swarms; one look at the server answers them all. */
const gapMs = 1_000;

export interface HealthCheckOptions {
  intervalMs: number;
  clock: Clock;
  stopping: AbortSignal;
  connected: () => boolean;
  /** By a connection that there is, or else by a new one; rejects where it was not answered. */
  ping: () => Promise<void>;
  /** The server is there: what broke were connections alone. */
  onBroken: (faults: readonly ServerFault[]) => void;
  onGone: (error: unknown) => void;
}

/** Finds out whether a connected server is still there: from time to time, and whenever there is doubt. */
export class HealthCheck {
  readonly #options: HealthCheckOptions;
  /** Connections that broke; whether the server is still there is being found out. */
  #justBroken: ServerFault[] = [];
  #looking = false;
  #lastLook = -Infinity;

  constructor(options: HealthCheckOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { intervalMs, stopping } = this.#options;
    while (await sleep(intervalMs, stopping)) await this.look();
  }

  broke(fault: ServerFault): void {
    this.#justBroken.push(fault);
    void this.look();
  }

  async look(): Promise<void> {
    const { clock, stopping, connected, ping, onBroken, onGone } = this.#options;
    if (this.#looking || !connected() || clock.now() - this.#lastLook < gapMs) return;
    this.#looking = true;
    this.#lastLook = clock.now();
    try {
      // The first may fail because of its own connection alone.
      await ping().catch(() => ping());
      const broken = this.#justBroken.splice(0);
      if (broken.length > 0) onBroken(broken);
    } catch (error) {
      if (stopping.aborted) return;
      // They broke because the server is gone, which is said by itself.
      this.#justBroken = [];
      onGone(error);
    } finally {
      this.#looking = false;
    }
  }
}
