import { contains, relate } from '../../position/contains.ts';
import { readMembership } from '../../position/membership.ts';
import { allShown, type Position, shortened } from '../../position/position.ts';
import {
  readAppliedOfChannel,
  readAppliedPosition,
  readShownPosition,
} from '../../position/read-position.ts';
import type { ReplicationRoute } from '../../position/replication-route.ts';
import { waitUntilApplied } from '../../position/wait-until-applied.ts';
import { whyOpen } from '../../position/why-open.ts';
import { Gathering } from '../../server/gathering.ts';
import type { QueryOptions, SqlServer } from '../../server/sql-server.ts';
import type { TableName } from '../../table-name.ts';
import { sleep } from '../../time/sleep.ts';
import { Undecidable } from '../undecidable.ts';
import type { Barrier } from './barrier.ts';
import { byOtherChannels } from './by-other-channels.ts';
import { type Hidden, hiddenCommits } from './hidden-commits.ts';
import { missingOfSenders } from './missing-of-senders.ts';
import type { Missing } from './missing-of-writers.ts';
import { ShownThroughCluster } from './shown-through-cluster.ts';
import { takenElsewhere } from './taken-elsewhere.ts';
import type { wayBack } from './way-back.ts';

export interface BarrierOptions {
  source: SqlServer;
  target: SqlServer;
  /** Null while the replication status is not known. */
  route: () => ReplicationRoute | null;
  /** How long the target may take beyond its intended delay, and the source to show what it has sent. */
  waitMs: number;
  /** What takes the place of a position where there is none: changes are through after this long. */
  settleMs: number;
  /** What is on its way to the source, see `wayBack`; absent: nothing is known to come to it. */
  wayBack?: typeof wayBack;
}

/** When it has waited in vain once, and nothing moved since, it does not wait as long again. */
const hopelessMs = 1000;
const firstPauseMs = 5;
const longestPauseMs = 200;

/** A barrier by GTID or binlog position, asked of the servers themselves at every wait. */
export class ReplicationBarrier implements Barrier {
  readonly #options: BarrierOptions;
  readonly #sourcePositions = new Gathering<AbortSignal, Position | null>({
    ask: async (signals) => {
      const { kind, group, evidence } = this.#route();
      const { source } = this.#options;
      const query = { signal: signals[0] };
      // They told when it was asked for.
      if (kind === null && !group) throw new Undecidable(evidence);
      const position =
        group || kind === null
          ? await this.#shownInGroup(source, query)
          : await readShownPosition(source, kind, query);
      return signals.map(() => position);
    },
    most: Infinity,
  });
  readonly #throughCluster = new ShownThroughCluster();
  #stuckAt: string | null = null;
  #waiters = 0;
  #look: { at: number; position: Promise<Position | null> } | null = null;
  /** A member was waited for in vain to be back in its group. */
  #outInVain = false;
  /** What comes by other channels was waited for in vain. */
  #othersInVain = false;
  /** What the source was waited in vain to show. */
  #hidden: string | null = null;

  constructor(options: BarrierOptions) {
    this.#options = options;
  }

  get unproved(): string | null {
    return this.#options.route()?.unproved ?? null;
  }

  get sameStorage(): string | null {
    return this.#options.route()?.sameStorage ?? null;
  }

  get hidesUnseen(): boolean {
    const route = this.#options.route();
    return this.#options.source.facts?.flavour === 'mysql' && route?.kind === 'file';
  }

  leavesOut(table: TableName): string | null {
    return this.#options.route()?.leavesOut?.(table) ?? null;
  }

  mayBring(table: TableName): string | null {
    return this.#options.route()?.mayBring?.(table) ?? null;
  }

  async sourcePosition(signal: AbortSignal): Promise<Position | null> {
    return this.#route().kind === null ? null : await this.#sourcePositions.ask(signal);
  }

  async targetPosition(signal: AbortSignal): Promise<Position | null> {
    const { kind, channel, group, throughCluster, cut, logged } = this.#route();
    if (kind !== null && group) {
      const { position, shown } = await this.#inGroup(this.#options.target, { signal });
      return shown && position.kind === 'mysql-gtid' ? { ...position, shows: shown.text } : position;
    }
    if (kind !== null && throughCluster) {
      return await this.#throughCluster.read(this.#options.target, kind, { signal });
    }
    if (kind === null) return null;
    const read = cut ? readAppliedOfChannel : readAppliedPosition;
    const position = await read(this.#options.target, kind, channel, { signal });
    return logged && position?.kind === 'mariadb-gtid' ? { ...position, unseen: true } : position;
  }

  async untilTargetHas(position: Position | null, signal: AbortSignal): Promise<void> {
    const { waitMs, target } = this.#options;
    if (position === null) {
      const now = (await this.#untilGroupTells(signal)) ? await this.sourcePosition(signal) : null;
      if (now !== null) await this.untilTargetHas(now, signal);
      else await sleep(this.#settleMs(), signal);
      return;
    }
    const { intendedDelayMs } = this.#route();
    // What comes to the target may become another part of it while it is waited for.
    const wanted = () => this.#route().replicated(position);
    const patienceMs = this.#stuckAt === null ? waitMs + intendedDelayMs : hopelessMs;
    let last: Position | null = null;
    this.#waiters++;
    const applied = await waitUntilApplied(
      {
        readApplied: async (waiting) => {
          last = await this.#appliedLately(waiting ?? signal);
          if (last && last.text !== this.#stuckAt) this.#stuckAt = null;
          return last;
        },
        has: (applied) => this.#has(applied, wanted(), signal),
      },
      position,
      { timeoutMs: patienceMs, signal },
    ).finally(() => this.#waiters--);
    if (applied) {
      this.#stuckAt = null;
      await this.#untilOthersCame(signal);
      return;
    }
    const reached = last as Position | null;
    this.#stuckAt = reached?.text ?? '';
    const { stopped, kind, evidence } = this.#route();
    const seconds = Math.round((waitMs + intendedDelayMs) / 1000);
    const why =
      kind === null ? evidence : (stopped ?? unshown(reached) ?? (reached && whyOpen(reached, wanted())));
    throw new Undecidable(
      `${target.name} did not apply the source's position ${shortened(wanted().text)}${stillOpen(position)} within ${seconds} s${why ? `: ${why}` : ''}`,
    );
  }

  /** What the source got from a server that sends to the target as well is in no position of the pair's channel. */
  async #untilOthersCame(signal: AbortSignal): Promise<void> {
    const { source, target, waitMs } = this.#options;
    const missing = await this.#ofOthers(signal);
    if (!missing) return;
    const deadline = performance.now() + (this.#othersInVain ? hopelessMs : waitMs);
    for (let pause = firstPauseMs; ; pause = Math.min(longestPauseMs, pause * 1.5)) {
      const lacks = await missing();
      this.#othersInVain &&= lacks !== '';
      if (lacks === '') return;
      if (performance.now() >= deadline) {
        this.#othersInVain = true;
        throw new Undecidable(
          `${target.name} has not applied ${shortened(lacks)} yet, which ${source.name} got from another server, and which comes by another channel`,
        );
      }
      await sleep(pause, signal);
      signal.throwIfAborted();
    }
  }

  /** MySQL's sets hold what came by any channel. */
  async #ofOthers(signal: AbortSignal): Promise<Missing | null> {
    const { source, target } = this.#options;
    const { besides, channel, kind } = this.#route();
    if (!besides) return null;
    const areMariadb = [source, target].every(({ facts }) => facts?.flavour === 'mariadb');
    if (areMariadb) return await byOtherChannels(channel, this.#options, { signal });
    return kind === 'file' ? await missingOfSenders({ has: source, gets: target }, { signal }) : null;
  }

  /**
   * What the source sent and does not show yet is in flight, never errant: a target that has it is ahead. Errant is
   * what the target wrote itself, or others wrote who send nothing to the source.
   */
  async untilSourceHas(position: Position | null, signal: AbortSignal): Promise<number> {
    const hidden = await this.#hiddenFrom(position, signal);
    const began = performance.now();
    let hiddenMs = 0;
    for (let pause = firstPauseMs; ; pause = Math.min(longestPauseMs, pause * 1.5)) {
      const why = await hidden();
      if (why === null) {
        this.#hidden = null;
        return hiddenMs;
      }
      hiddenMs = performance.now() - began;
      const patienceMs = why === this.#hidden ? hopelessMs : this.#options.waitMs;
      if (hiddenMs >= patienceMs) {
        this.#hidden = why;
        throw new Undecidable(why);
      }
      await sleep(pause, signal);
      signal.throwIfAborted();
    }
  }

  async #hiddenFrom(position: Position | null, signal: AbortSignal): Promise<Hidden> {
    if (this.#options.route()?.group) return () => this.#behindTarget(position, signal);
    const shown = position && allShown(position);
    const sent = await hiddenCommits(shown, this.#options, { signal });
    const coming = await this.#options.wayBack?.(shown, this.#options, { signal });
    const elsewhere = this.#options.route()?.repointed
      ? takenElsewhere(shown, this.#options, { signal })
      : null;
    return async () => (await sent()) ?? (await coming?.()) ?? (await elsewhere?.()) ?? null;
  }

  /** Of two members either may be late: a sentence while the source is; null when it is not. */
  async #behindTarget(position: Position | null, signal: AbortSignal): Promise<string | null> {
    const { source, target } = this.#options;
    if (position === null) return null;
    const shown = allShown(position);
    if (contains((await this.#inGroup(source, { signal })).position, shown)) return null;
    return `${source.name} itself is behind ${target.name}, which has ${shortened(shown.text)}`;
  }

  /** Many may wait: they look together, and the less often the more they are. What was applied stays so. */
  #appliedLately(signal: AbortSignal): Promise<Position | null> {
    const now = performance.now();
    const enoughMs = Math.min(longestPauseMs, firstPauseMs * (this.#waiters - 1));
    if (!this.#look || now - this.#look.at >= enoughMs) {
      this.#look = { at: now, position: this.targetPosition(signal) };
    }
    return this.#look.position;
  }

  async #has(applied: Position, wanted: Position, signal: AbortSignal): Promise<boolean> {
    const relation = relate(applied, wanted);
    if (relation !== 'unknown') return relation === 'has';
    // The source may have got since what the target has got meanwhile.
    const now = await this.sourcePosition(signal);
    return now !== null && relate(applied, wanted, now) === 'has';
  }

  /**
   * A member that is out, or doubted, while its rows are in flight may be back soon, and is waited for as a replica
   * that stands still is; once in vain, and no more until it was back. Whether positions tell again; false where it is
   * no member that hides them.
   */
  async #untilGroupTells(signal?: AbortSignal): Promise<boolean> {
    const { route, waitMs } = this.#options;
    const tells = () => route()?.kind != null;
    if (!route()?.group || tells()) return false;
    const deadline = performance.now() + waitMs;
    for (
      let pause = firstPauseMs;
      !this.#outInVain && !tells();
      pause = Math.min(longestPauseMs, pause * 1.5)
    ) {
      const left = deadline - performance.now();
      if (left <= 0) this.#outInVain = true;
      else await sleep(Math.min(pause, left), signal);
      signal?.throwIfAborted();
    }
    return tells();
  }

  /** Without a position: as long as a change needs at most, by all that is known. */
  #settleMs(): number {
    const { settleMs, waitMs } = this.#options;
    const route = this.#options.route();
    if (!route || route.unproved === null) return settleMs;
    return settleMs + route.intendedDelayMs + Math.min(route.serverLagMs ?? 0, waitMs);
  }

  #route(): ReplicationRoute {
    const route = this.#options.route();
    if (!route) throw new Undecidable(`the replication status of ${this.#options.target.name} is not known`);
    return route;
  }

  /** A member shows what it commits, and then counts it. */
  async #shownInGroup(server: SqlServer, query: QueryOptions): Promise<Position> {
    const { position, shown } = await this.#inGroup(server, query);
    return shown ?? position;
  }

  /**
   * A member that is not in its group proves nothing, however far it says it is. One that is out for a moment is waited
   * for, and no less when others found it out.
   */
  async #inGroup(server: SqlServer, query: QueryOptions): Promise<InGroup> {
    const { waitMs } = this.#options;
    const deadline = performance.now() + waitMs;
    for (let pause = firstPauseMs; ; pause = Math.min(longestPauseMs, pause * 1.5)) {
      const member = await readMembership(server, query);
      if (this.#route().kind === null) {
        if (await this.#untilGroupTells(query.signal)) continue;
        throw new Undecidable(this.#route().evidence);
      }
      if (member?.position) {
        this.#outInVain = false;
        return { position: member.position, shown: member.shown };
      }
      const left = deadline - performance.now();
      if (left <= 0) {
        throw new Undecidable(
          `${server.name}: ${member?.outside ?? 'it is no member of a cluster any more'}`,
        );
      }
      await sleep(Math.min(pause, left), query.signal);
      query.signal?.throwIfAborted();
    }
  }
}

interface InGroup {
  position: Position;
  /** With what may be seen there besides; undefined where that is all. */
  shown: Position | undefined;
}

function unshown(reached: Position | null): string | null {
  if (reached?.kind !== 'mariadb-gtid' || reached.shows === undefined) return null;
  return `its binlog is at ${shortened(reached.shows)}, and it does not show all of that yet`;
}

/** It may be shown already; and what a relay applies for long, nobody after it has. */
function stillOpen(position: Position): string {
  if (position.kind !== 'mysql-gtid' || position.committing === undefined) return '';
  return ` (${shortened(position.committing)} was still being committed there)`;
}
