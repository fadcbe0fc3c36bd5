import { isDeepStrictEqual } from 'node:util';
import type { HeartbeatConfig, PairConfig } from '../config.ts';
import { Mishaps } from '../mishaps.ts';
import type { HeartbeatReading } from '../model/heartbeat.ts';
import type { ConnectionManager } from '../server/connection-manager.ts';
import type { Server } from '../server/server.ts';
import { parseTableName } from '../table-name.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { HeartbeatMonitor } from './heartbeat-monitor.ts';
import { HeartbeatReader } from './heartbeat-reader.ts';

export interface HeartbeatManagerOptions {
  manager: ConnectionManager;
  pairs: PairConfig[];
  /** A look that takes longer is given up. */
  timeoutMs: number;
  /**
   * Without a new heartbeat for longer than this, or than three of its intervals, it counts as stopped. Default
   * 5,000.
   */
  silenceMs?: number;
  onReading: (reading: HeartbeatReading) => void;
  clock?: Clock;
  mishaps?: Mishaps;
}

/**
 * Reads the heartbeats that users of pt-heartbeat have anyway. Each table is read once on each server, however many
 * pairs share it.
 */
export class HeartbeatManager {
  readonly #options: Omit<HeartbeatManagerOptions, 'pairs'>;
  readonly #readers = new Map<string, { reader: HeartbeatReader; server: Server }>();
  readonly #monitors = new Map<string, Watched>();
  #begun = 0;
  #running = false;

  constructor({ pairs, ...options }: HeartbeatManagerOptions) {
    this.#options = options;
    this.#arrange(pairs, options.timeoutMs);
  }

  /** How many tables are read. */
  get readers(): number {
    return this.#readers.size;
  }

  start(): void {
    this.#running = true;
    for (const { reader } of this.#readers.values()) reader.start();
  }

  stop(): void {
    this.#running = false;
    for (const { reader } of this.#readers.values()) reader.stop();
  }

  /** Reads these from now on; what is read as before goes on. */
  reconfigure(pairs: PairConfig[], timeoutMs: number): void {
    this.#arrange(pairs, timeoutMs);
  }

  #arrange(pairs: PairConfig[], timeoutMs: number): void {
    const wanted = new Map<string, Wanted>();
    for (const { name, source, target, heartbeat } of pairs) {
      if (!heartbeat) continue;
      const key = (server: string) =>
        JSON.stringify([server, heartbeat.table, heartbeat.intervalMs, timeoutMs]);
      wanted.set(name, { source, target, heartbeat, onSource: key(source), onTarget: key(target) });
    }
    const read = new Set([...wanted.values()].flatMap(({ onSource, onTarget }) => [onSource, onTarget]));
    for (const [key, { reader, server }] of this.#readers) {
      if (read.has(key) && this.#options.manager.get(server.name) === server) continue;
      reader.stop();
      this.#readers.delete(key);
    }
    for (const [name, watched] of this.#monitors) {
      const same =
        isDeepStrictEqual(wanted.get(name), watched.wanted) &&
        this.#readers.get(watched.wanted.onSource)?.reader === watched.onSource &&
        this.#readers.get(watched.wanted.onTarget)?.reader === watched.onTarget;
      if (same) continue;
      watched.monitor.stop();
      this.#monitors.delete(name);
    }
    for (const [name, each] of wanted) if (!this.#monitors.has(name)) this.#watch(name, each, timeoutMs);
  }

  #watch(name: string, wanted: Wanted, timeoutMs: number): void {
    const { manager, clock = systemClock, silenceMs = 5000, onReading } = this.#options;
    const { source, target, heartbeat } = wanted;
    const onSource = this.#reader(wanted.onSource, source, heartbeat, timeoutMs);
    const onTarget = this.#reader(wanted.onTarget, target, heartbeat, timeoutMs);
    const monitor = new HeartbeatMonitor({
      pair: name,
      config: heartbeat,
      source: manager.get(source),
      target: manager.get(target),
      onSource,
      onTarget,
      silenceMs,
      clock,
      onReading,
    });
    this.#monitors.set(name, { wanted, onSource, onTarget, monitor });
  }

  #reader(
    key: string,
    name: string,
    { table, intervalMs }: HeartbeatConfig,
    timeoutMs: number,
  ): HeartbeatReader {
    const known = this.#readers.get(key)?.reader;
    if (known) return known;
    const { manager, clock = systemClock, mishaps = new Mishaps() } = this.#options;
    const server = manager.get(name);
    const reader = new HeartbeatReader({
      server,
      table: parseTableName(table),
      intervalMs,
      // Spread over the interval, so that hundreds of pairs do not ask at the same moment.
      phaseMs: ((this.#begun++ * 0.618) % 1) * intervalMs,
      timeoutMs,
      clock,
      mishaps,
    });
    this.#readers.set(key, { reader, server });
    if (this.#running) reader.start();
    return reader;
  }
}

interface Wanted {
  source: string;
  target: string;
  heartbeat: HeartbeatConfig;
  /** By which the readers are found. */
  onSource: string;
  onTarget: string;
}

interface Watched {
  wanted: Wanted;
  onSource: HeartbeatReader;
  onTarget: HeartbeatReader;
  monitor: HeartbeatMonitor;
}
