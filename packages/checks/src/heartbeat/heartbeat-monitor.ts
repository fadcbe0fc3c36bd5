import type { HeartbeatConfig } from '../config.ts';
import type { HeartbeatClock, HeartbeatReading } from '../model/heartbeat.ts';
import type { Server } from '../server/server.ts';
import type { Clock } from '../time/clock.ts';
import { formatDuration } from '../time/duration.ts';
import { StandStill } from '../time/stand-still.ts';
import { wallAt } from '../time/wall-at.ts';
import { BeatMonitor } from './beat-monitor.ts';
import { chooseRow } from './choose-row.ts';
import type { HeartbeatLook, HeartbeatReader } from './heartbeat-reader.ts';

export interface HeartbeatMonitorOptions {
  pair: string;
  config: HeartbeatConfig;
  source: Server;
  target: Server;
  onSource: HeartbeatReader;
  onTarget: HeartbeatReader;
  /** Without a new heartbeat for longer than this, or than three of its intervals, it is not being written. */
  silenceMs: number;
  clock: Clock;
  onReading: (reading: HeartbeatReading) => void;
}

/** The server's answers to a table, or a schema, that it does not have. */
const noSuchTable = new Set([1049, 1146]);
/** More than this ahead of the clock that it is measured by, a heartbeat was written by another one. */
const toleranceMs = 1000;
/** By the clock that writes it one is never ahead, but for how exactly that is known. */
const marginMs = 100;

interface Range {
  lowMs: number;
  highMs: number;
  /** When the answer had come that tells it, on Lockstep's monotonic clock. */
  receivedAt: number;
}

/**
 * One pair's lag by the heartbeat that its user writes. It is the age of the newest heartbeat that the target has, as
 * far as one is known to have been written after it. A heartbeat that nobody writes is told apart from lag by the
 * source's own row, which then stands still as well.
 */
export class HeartbeatMonitor {
  latest: HeartbeatReading | null = null;
  /** Tells nothing any more; the readers go on. */
  readonly stop: () => void;
  readonly #options: HeartbeatMonitorOptions;
  readonly #written = new BeatMonitor();
  readonly #received = new BeatMonitor();
  #serverId: string | null = null;
  #beat: string | null = null;
  readonly #standStill: StandStill;
  /** The target has shown a heartbeat of after the writer's clock was set. */
  #followed = true;
  /** What the target had before its writer's clock showed it: somebody else wrote that, unless the source has it. */
  #unwritten: number | null = null;

  constructor(options: HeartbeatMonitorOptions) {
    this.#options = options;
    this.#standStill = new StandStill(options.clock);
    const ends = [
      options.onSource.listen({ look: (look) => this.#sourceTold(look), fault: () => undefined }),
      options.onTarget.listen({
        look: (look) => this.#targetTold(look),
        fault: (fault) => {
          this.#beat = null;
          this.#unknown(fault.message);
        },
      }),
    ];
    this.stop = () => ends.forEach((end) => end());
  }

  #sourceTold(look: HeartbeatLook): void {
    this.#noticeClock();
    const chosen = this.#choose(look);
    if ('trouble' in chosen) return;
    const row = look.rows.get(chosen.serverId);
    if (row?.ms == null) return;
    this.#written.see(row.ms, look.sentAt, look.receivedAt);
    if (this.#written.takeMoved()) this.#followed = false;
  }

  #targetTold(look: HeartbeatLook): void {
    this.#noticeClock();
    const { target } = this.#options;
    const sourceFault = this.#options.onSource.fault;
    const chosen = this.#choose(this.#options.onSource.latest ?? look);
    if ('trouble' in chosen) return this.#unknown(chosen.trouble);
    const row = look.rows.get(chosen.serverId);
    this.#beat = row?.text ?? null;
    if (!row) return this.#unknown(`${target.name} has no heartbeat of server ${chosen.serverId} yet`);
    if (row.ms === null) return this.#unknown(`"${row.text}" on ${target.name} is not a time`);
    this.#received.see(row.ms, look.sentAt, look.receivedAt);
    if (!sourceFault) return this.#byWriter(row.ms, look);
    if (sourceFault.kind === 'privilege' || noSuchTable.has(sourceFault.errno)) {
      return this.#byTarget(row.ms, look, sourceFault.message);
    }
    return this.#unknown(sourceFault.message);
  }

  #choose(look: HeartbeatLook): { serverId: string } | { trouble: string } {
    const { config, source } = this.#options;
    const chosen = chooseRow(look.rows, config.serverId, source.facts?.serverId ?? null);
    if ('serverId' in chosen && chosen.serverId !== this.#serverId) {
      this.#serverId = chosen.serverId;
      this.#begin();
    }
    return chosen;
  }

  /** Of a clock that stood still nobody knows any more how far the writer's is ahead. */
  #noticeClock(): void {
    if (this.#standStill.noticed()) this.#begin();
  }

  #begin(): void {
    this.#written.reset();
    this.#received.reset();
    this.#followed = true;
    this.#unwritten = null;
  }

  /** By the clock that writes: what it shows now is known from what it wrote on the source. */
  #byWriter(ms: number, { sentAt, receivedAt }: HeartbeatLook): void {
    const { source, target, onSource } = this.#options;
    if (!onSource.latest) return this.#unknown(`${source.name} was not asked yet`);
    const stopped = this.#stopped(this.#written, receivedAt);
    if (stopped) return this.#unknown(`the heartbeat on ${source.name} ${stopped}`);
    const { offset } = this.#written;
    if (!offset) return this.#unknown(`watching how the heartbeat on ${source.name} is written`);
    this.#followed ||= this.#written.knows(ms);
    if (!this.#followed) {
      return this.#unknown(
        `the clock that writes the heartbeat was set, and ${target.name} has none that was written since`,
      );
    }
    const isAhead = ms > receivedAt + offset.high + marginMs;
    if (isAhead) this.#unwritten = ms;
    if (this.#unwritten === ms && !this.#written.knows(ms)) {
      return this.#unknown(
        `the heartbeat on ${target.name} ${isAhead ? 'is' : 'was'} ahead of the clock that writes the one on ${source.name}`,
      );
    }
    const missing = this.#written.nextAfter(ms);
    this.#known('writer', this.#written, {
      lowMs: missing === null ? 0 : sentAt + offset.low - missing,
      highMs: receivedAt + offset.high - ms,
      receivedAt,
    });
  }

  /** By the target's clock, as pt-heartbeat itself would on the target. A row that stands still says nothing then. */
  #byTarget(ms: number, look: HeartbeatLook, why: string): void {
    const { config, source, target } = this.#options;
    const unreadable = `on ${source.name} it cannot be read: ${why}`;
    const stopped = this.#stopped(this.#received, look.receivedAt);
    if (stopped) {
      return this.#unknown(
        `the heartbeat on ${target.name} ${stopped}; that it was not written cannot be told from lag, because ${unreadable}`,
      );
    }
    const { intervalMs } = this.#received;
    const now = config.utc ? look.utcMs : look.localMs;
    if (intervalMs === null || now === null) {
      return this.#unknown(`watching how the heartbeat on ${target.name} comes in; ${unreadable}`);
    }
    const ageMs = now + look.receivedAt - look.sentAt - ms;
    if (ageMs < -toleranceMs) {
      return this.#unknown(
        `the heartbeat on ${target.name} is ${formatDuration(-ageMs)} ahead of its clock: clocks or time zones disagree, or utc is not as pt-heartbeat's --utc; ${unreadable}`,
      );
    }
    const { receivedAt } = look;
    this.#known(
      'target',
      this.#received,
      { lowMs: ageMs - intervalMs, highMs: ageMs, receivedAt },
      unreadable,
    );
  }

  /** Why a heartbeat cannot be alive; null when it may be. */
  #stopped(watch: BeatMonitor, now: number): string | null {
    const silentMs = watch.silentMs(now);
    if (silentMs === null) return 'is not a time';
    if (silentMs <= Math.max(this.#options.silenceMs, 3 * (watch.intervalMs ?? 0))) return null;
    const since = formatDuration(silentMs);
    return watch.everNew
      ? `has not been written for ${since}`
      : `has not been written since it is watched, for ${since}`;
  }

  #known(clock: HeartbeatClock, watch: BeatMonitor, range: Range, caveat?: string): void {
    const { target } = this.#options;
    const lowMs = Math.max(0, range.lowMs);
    const highMs = Math.max(lowMs, range.highMs);
    const has =
      lowMs === 0
        ? `${target.name} has every heartbeat up to ${formatDuration(highMs)} ago`
        : `the oldest heartbeat that ${target.name} lacks is ${formatDuration(lowMs)} to ${formatDuration(highMs)} old`;
    const every = watch.intervalMs === null ? '' : `; one comes every ${formatDuration(watch.intervalMs)}`;
    const by =
      clock === 'writer'
        ? 'by the clock that writes it'
        : `by the clock of ${target.name}, which must agree with the one that writes it, because ${caveat}`;
    this.#done({
      at: wallAt(this.#options.clock, range.receivedAt),
      lagMs: lowMs,
      uncertaintyMs: highMs - lowMs,
      clock,
      intervalMs: watch.intervalMs,
      evidence: `${has}${every}; ${by}`,
    });
  }

  #unknown(reason: string): void {
    this.#done({
      at: this.#options.clock.wall(),
      lagMs: null,
      uncertaintyMs: null,
      clock: null,
      intervalMs: this.#written.intervalMs,
      evidence: `unknown: ${reason}`,
    });
  }

  #done(
    found: Pick<HeartbeatReading, 'at' | 'lagMs' | 'uncertaintyMs' | 'clock' | 'intervalMs' | 'evidence'>,
  ): void {
    const { pair, config, onReading } = this.#options;
    this.latest = {
      pair,
      table: config.table,
      serverId: this.#serverId,
      beat: this.#beat,
      ...found,
    };
    onReading(this.latest);
  }
}
