import { contains } from '../../position/contains.ts';
import type { Position } from '../../position/position.ts';
import { readAppliedPosition, readSourcePosition } from '../../position/read-position.ts';
import type { ReplicationRoute } from '../../position/replication-route.ts';
import { waitUntilApplied } from '../../position/wait-until-applied.ts';
import type { SqlServer } from '../../server/sql-server.ts';
import { sleep } from '../../time/sleep.ts';
import { Undecidable } from '../undecidable.ts';
import type { Barrier } from './barrier.ts';

export interface BarrierOptions {
  source: SqlServer;
  target: SqlServer;
  /** Null while the replication status is not known. */
  route: () => ReplicationRoute | null;
  /** How long the target may take beyond its intended delay. */
  waitMs: number;
  /** What takes the place of a position where there is none: changes are through after this long. */
  settleMs: number;
}

/** The source may show a transaction as executed a moment after the target has it. */
const visibilityMs = 1000;
const visibilityKnownErrantMs = 50;
/** When it has waited in vain once, and nothing moved since, it does not wait as long again. */
const hopelessMs = 1000;

/** A barrier by GTID or binlog position, asked of the servers themselves at every wait. */
export class ReplicationBarrier implements Barrier {
  readonly #options: BarrierOptions;
  #errantSeen = false;
  #stuckAt: string | null = null;

  constructor(options: BarrierOptions) {
    this.#options = options;
  }

  async sourcePosition(signal: AbortSignal): Promise<Position | null> {
    const { kind } = this.#route();
    return kind === null ? null : await readSourcePosition(this.#options.source, kind, { signal });
  }

  async targetPosition(signal: AbortSignal): Promise<Position | null> {
    const { kind, channel } = this.#route();
    return kind === null ? null : await readAppliedPosition(this.#options.target, kind, channel, { signal });
  }

  async untilTargetHas(position: Position | null, signal: AbortSignal): Promise<void> {
    const { waitMs, settleMs, target } = this.#options;
    if (position === null) {
      await sleep(settleMs, signal);
      return;
    }
    const { intendedDelayMs, replicated } = this.#route();
    const patienceMs = this.#stuckAt === null ? waitMs + intendedDelayMs : hopelessMs;
    let last: Position | null = null;
    const result = await waitUntilApplied(
      {
        readApplied: async (waiting) => {
          last = await this.targetPosition(waiting ?? signal);
          if (last && last.text !== this.#stuckAt) this.#stuckAt = null;
          return last;
        },
        // A stopped replica is waited for as well: somebody may be about to start it again.
        isStopped: () => false,
      },
      replicated(position),
      { timeoutMs: patienceMs, signal },
    );
    if (result === 'applied') {
      this.#stuckAt = null;
      return;
    }
    this.#stuckAt = (last as Position | null)?.text ?? '';
    const { stopped } = this.#route();
    const seconds = Math.round((waitMs + intendedDelayMs) / 1000);
    throw new Undecidable(
      `${target.name} did not apply the source's position ${shorten(position.text)} within ${seconds} s${stopped ? `: ${stopped}` : ''}`,
    );
  }

  async untilSourceHas(position: Position | null, signal: AbortSignal): Promise<void> {
    if (position === null) return;
    const source = await this.sourcePosition(signal);
    if (source && contains(source, position)) return;
    const result = await waitUntilApplied(
      { readApplied: () => this.sourcePosition(signal), isStopped: () => false },
      position,
      { timeoutMs: this.#errantSeen ? visibilityKnownErrantMs : visibilityMs, signal },
    );
    // What the source never gets is errant: written on the target itself.
    this.#errantSeen = result !== 'applied';
  }

  #route(): ReplicationRoute {
    const route = this.#options.route();
    if (!route) throw new Undecidable(`the replication status of ${this.#options.target.name} is not known`);
    return route;
  }
}

function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}
