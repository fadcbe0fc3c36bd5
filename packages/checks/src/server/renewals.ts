import { sleep } from '../time/sleep.ts';
import { isTurnedAway } from './faults.ts';
import type { Lane } from './lane.ts';
import { ServerFault } from './sql-server.ts';

/** Once may be while a password is changed. */
const maxTurnedAway = 2;

export interface RenewalsOptions {
  /** Those that are always in use. */
  lanes: readonly Lane[];
  intervalMs: number;
  connected: () => boolean;
  stopping: AbortSignal;
  /** No other connection is to be had; those that there are go on. */
  onBroken: (fault: ServerFault) => void;
  /** The login is turned away, and not for a moment. */
  onTurnedAway: (fault: ServerFault) => void;
}

/** Asks an address again, by a new connection in the place of one that is always in use: one lane after the other. */
export class Renewals {
  readonly #options: RenewalsOptions;
  /** How often in a row a connection that was to be made anew was not let in. */
  #turnedAway = 0;

  constructor(options: RenewalsOptions) {
    this.#options = options;
  }

  /** A connection was opened, for whatever reason. */
  letIn(): void {
    this.#turnedAway = 0;
  }

  async run(): Promise<void> {
    const { lanes, intervalMs, connected, stopping } = this.#options;
    // Servers that were started together are not asked together.
    let waitMs = intervalMs * Math.random();
    for (let turn = 0; await sleep(waitMs, stopping); waitMs = intervalMs) {
      if (!connected()) continue;
      await lanes[turn++ % lanes.length]!.renew().catch((error: unknown) => this.#failed(error));
    }
  }

  /**
   * The connections that there are go on; that no other is to be had is told as connections that break are. But whoever
   * turns the login away may be another than the one that they lead to, and stays unknown.
   */
  #failed(error: unknown): void {
    const { connected, onBroken, onTurnedAway } = this.#options;
    if (!(error instanceof ServerFault) || !connected() || error.kind !== 'connection') return;
    if (isTurnedAway(error) && ++this.#turnedAway >= maxTurnedAway) onTurnedAway(error);
    else onBroken(error);
  }
}
