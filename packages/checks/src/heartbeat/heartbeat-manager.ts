import type { HeartbeatConfig, PairConfig } from '../config.ts';
import { Mishaps } from '../mishaps.ts';
import type { HeartbeatReading } from '../model/heartbeat.ts';
import type { ConnectionManager } from '../server/connection-manager.ts';
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
  readonly #readers = new Map<string, HeartbeatReader>();
  readonly #monitors: HeartbeatMonitor[] = [];

  constructor(options: HeartbeatManagerOptions) {
    const { manager, pairs, clock = systemClock, silenceMs = 5000, onReading } = options;
    for (const pair of pairs) {
      const { name, source, target, heartbeat } = pair;
      if (!heartbeat) continue;
      this.#monitors.push(
        new HeartbeatMonitor({
          pair: name,
          config: heartbeat,
          source: manager.get(source),
          target: manager.get(target),
          onSource: this.#reader(options, source, heartbeat),
          onTarget: this.#reader(options, target, heartbeat),
          silenceMs,
          clock,
          onReading,
        }),
      );
    }
  }

  /** How many tables are read. */
  get readers(): number {
    return this.#readers.size;
  }

  start(): void {
    for (const reader of this.#readers.values()) reader.start();
  }

  stop(): void {
    for (const reader of this.#readers.values()) reader.stop();
  }

  #reader(
    { manager, timeoutMs, clock = systemClock, mishaps = new Mishaps() }: HeartbeatManagerOptions,
    server: string,
    { table, intervalMs }: HeartbeatConfig,
  ): HeartbeatReader {
    const key = JSON.stringify([server, table, intervalMs]);
    const known = this.#readers.get(key);
    if (known) return known;
    const reader = new HeartbeatReader({
      server: manager.get(server),
      table: parseTableName(table),
      intervalMs,
      // Spread over the interval, so that hundreds of pairs do not ask at the same moment.
      phaseMs: ((this.#readers.size * 0.618) % 1) * intervalMs,
      timeoutMs,
      clock,
      mishaps,
    });
    this.#readers.set(key, reader);
    return reader;
  }
}
