import type { Mishaps } from '../mishaps.ts';
import {
  appliedPlace,
  binlogPlace,
  binlogStatusStatement,
  channelName,
  replicaStatusStatement,
} from '../position/file-row.ts';
import { gtidStatement } from '../position/gtid-row.ts';
import type { Position } from '../position/position.ts';
import { Unparsable } from '../position/unparsable.ts';
import { readCommitsInFlight } from '../position/visible.ts';
import { binlogStatusPrivilege } from '../server/grants.ts';
import type { Server } from '../server/server.ts';
import { type ServerFacts, ServerFault, type SqlRow } from '../server/sql-server.ts';
import type { Clock } from '../time/clock.ts';
import { StandStill } from '../time/stand-still.ts';
import { Ticker } from '../time/ticker.ts';
import { MembershipReader } from './membership-reader.ts';
import { GtidReading, type PositionSample } from './position-sample.ts';

export interface SamplerOptions {
  server: Server;
  intervalMs: number;
  /** Spreads the servers' statements over the interval. */
  phaseMs: number;
  timeoutMs: number;
  clock: Clock;
  mishaps: Mishaps;
}

/** Told of every look at the server, in time order. */
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
  /** Some pair compares by file and offset and has this server as its source, or as its target. */
  needsBinlog = false;
  needsPlaces = false;
  /** Pairs that want to know what of that which their target is ahead by this server is committing (MySQL). */
  readonly suspects = new Set<object>();
  readonly #options: SamplerOptions;
  readonly #ticker: Ticker;
  #listeners: SampleListener[] = [];
  readonly #gtid = new GtidReading();
  readonly #membership: MembershipReader;

  constructor(options: SamplerOptions) {
    this.#options = options;
    const { intervalMs, phaseMs, clock } = options;
    this.#membership = new MembershipReader(options);
    this.#ticker = new Ticker({
      intervalMs,
      phaseMs,
      clock,
      job: () => this.#look(),
      onError: (error) => this.#unexpected(error),
    });
  }

  listen(listener: SampleListener): void {
    this.#listeners.push(listener);
  }

  start(): void {
    this.#ticker.start();
  }

  stop(): void {
    this.#ticker.stop();
    this.#listeners = [];
  }

  async #look(): Promise<void> {
    let sample: PositionSample;
    try {
      sample = await this.#sample();
    } catch (error) {
      const fault = this.#faultFrom(error);
      this.fault = fault;
      this.#tell((listener) => listener.fault(fault));
      return;
    }
    this.latest = sample;
    this.fault = null;
    this.#tell((listener) => listener.sample(sample));
  }

  #faultFrom(error: unknown): Error {
    const { name } = this.#options.server;
    if (error instanceof ServerFault) return error;
    if (error instanceof Unparsable) {
      return new ServerFault('statement', name, `what ${name} printed is ${error.message}`);
    }
    this.#unexpected(error);
    return error instanceof Error ? error : new Error(String(error));
  }

  /** Whoever fails at what it is told fails alone. */
  #tell(tell: (listener: SampleListener) => void): void {
    const { mishaps, server } = this.#options;
    for (const listener of this.#listeners) {
      mishaps.guard('sampling positions', () => tell(listener), { server: server.name });
    }
  }

  #unexpected(error: unknown): void {
    const { mishaps, server } = this.#options;
    mishaps.happened('sampling positions', error, { server: server.name });
  }

  async #sample(): Promise<PositionSample> {
    const { server, clock } = this.#options;
    const { facts } = server;
    if (!facts) throw new ServerFault('connection', server.name, server.evidence);
    const standStill = new StandStill(clock);
    const sentAt = clock.now();
    // Before the position: what is in flight no longer is in it.
    const inFlight = this.suspects.size > 0 ? await this.#inFlight() : null;
    const [row] = await this.#query(gtidStatement(facts.flavour));
    if (!row) throw new ServerFault('statement', server.name, `${server.name} answered without a row`);
    const gtid = this.#gtid.read(row, facts);
    const membership = await this.#membership.read();
    const binlog = this.needsBinlog ? await this.#binlog(facts) : null;
    const places = this.needsPlaces ? await this.#places(facts) : null;
    // Nobody knows how long such a look took, so it counts for none.
    if (standStill.noticed()) {
      throw new Error(`the clock stood still while ${server.name} was asked: the machine was suspended`);
    }
    return { sentAt, receivedAt: clock.now(), gtid, binlog, places, membership, inFlight };
  }

  #inFlight(): Promise<string> {
    const { server, timeoutMs } = this.#options;
    return readCommitsInFlight(server, { lane: 'sampler', timeoutMs });
  }

  async #binlog(facts: ServerFacts): Promise<Position | null> {
    const { server } = this.#options;
    try {
      const [row] = await this.#query(binlogStatusStatement(facts));
      server.clearMissing('binlog position');
      return row ? binlogPlace(row) : null;
    } catch (fault) {
      if (!isPrivilege(fault)) throw fault;
      await server.reportFault('binlog position', binlogStatusPrivilege(facts), fault);
      return null;
    }
  }

  /** That the privilege is missing is said by who reads the replication status. */
  async #places(facts: ServerFacts): Promise<Map<string, Position> | null> {
    try {
      const places = new Map<string, Position>();
      for (const row of await this.#query(replicaStatusStatement(facts))) {
        const place = appliedPlace(row);
        if (place) places.set(channelName(row), place);
      }
      return places;
    } catch (fault) {
      if (!isPrivilege(fault)) throw fault;
      return null;
    }
  }

  #query(sql: string): Promise<SqlRow[]> {
    const { server, timeoutMs } = this.#options;
    return server.query(sql, [], { lane: 'sampler', timeoutMs });
  }
}

function isPrivilege(fault: unknown): boolean {
  return fault instanceof ServerFault && fault.kind === 'privilege';
}
