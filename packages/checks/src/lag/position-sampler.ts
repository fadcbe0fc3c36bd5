import type { Flavour } from '../model/server.ts';
import type { Position } from '../position/position.ts';
import {
  appliedFilePosition,
  appliedPositionFrom,
  binlogPlaceFrom,
  binlogStatusStatement,
  channelName,
  gtidStatement,
  replicaStatusStatement,
  sourcePositionFrom,
} from '../position/read-position.ts';
import { ServerFault, type ServerFacts, type SqlRow, type SqlServer } from '../server/sql-server.ts';
import type { Clock } from '../time/clock.ts';
import { Ticker } from '../time/ticker.ts';

/** What one look at a server told. A position that did not change is the same object as in the sample before. */
export interface PositionSample {
  /** On the monotonic clock: the server was in this state at some moment between the two. */
  sentAt: number;
  receivedAt: number;
  /** By GTID: as a source, and as a target. Null without GTID. */
  source: Position | null;
  applied: Position | null;
  /** All GTIDs of the server's own binlog, each with its writer (MariaDB's binlog state); MySQL: same as `source`. */
  history: Position | null;
  /** By file and offset, only if some pair needs it: as a source, and as a target by channel. */
  binlog: Position | null;
  places: Map<string, Position> | null;
}

export interface SamplerOptions {
  server: SqlServer;
  intervalMs: number;
  /** Spreads the servers' statements over the interval. */
  phaseMs: number;
  timeoutMs: number;
  clock: Clock;
}

export interface SampleListener {
  sample: (sample: PositionSample) => void;
  fault: (fault: Error) => void;
}

/**
 * Looks at one server's positions at a steady rate, for all pairs that it takes part in. Servers have a sampler and a
 * connection each, so a frozen one delays nobody else.
 */
export class PositionSampler {
  latest: PositionSample | null = null;
  /** Why the last look failed; null when it did not. */
  fault: Error | null = null;
  /** Some pair compares by file and offset: with this server as its source, or as its target. */
  needsBinlogPlace = false;
  needsAppliedPlaces = false;
  #options: SamplerOptions;
  #ticker: Ticker;
  #listeners: SampleListener[] = [];
  #gtidRow = '';

  constructor(options: SamplerOptions) {
    this.#options = options;
    const { intervalMs, phaseMs, clock } = options;
    this.#ticker = new Ticker({ intervalMs, phaseMs, clock, job: () => this.#look() });
  }

  listen(listener: SampleListener): void {
    this.#listeners.push(listener);
  }

  start(): void {
    this.#ticker.start();
  }

  stop(): Promise<void> {
    return this.#ticker.stop();
  }

  async #look(): Promise<void> {
    try {
      const sample = await this.#sample();
      this.latest = sample;
      this.fault = null;
      for (const listener of this.#listeners) listener.sample(sample);
    } catch (error) {
      this.fault = error as Error;
      for (const listener of this.#listeners) listener.fault(error as Error);
    }
  }
}
