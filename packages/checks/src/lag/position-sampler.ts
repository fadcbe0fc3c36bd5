import type { Mishaps } from '../mishaps.ts';
import {
  appliedPlace,
  binlogOwner,
  binlogPlace,
  binlogStatusStatement,
  channelName,
  domainsOf,
  replicaStatusStatement,
} from '../position/file-row.ts';
import { gtidStatement, nodeGtidStatement, numberingFrom } from '../position/gtid-row.ts';
import { membershipStatement } from '../position/membership.ts';
import type { BinlogOwner, Position } from '../position/position.ts';
import { Unparsable } from '../position/unparsable.ts';
import { inFlightFrom, inFlightStatement } from '../position/visible.ts';
import { binlogStatusPrivilege } from '../server/grants.ts';
import { areOne } from '../server/instance.ts';
import type { Server } from '../server/server.ts';
import { type ServerFacts, ServerFault, type SqlRow } from '../server/sql-server.ts';
import { isStill, mustBeStill } from '../server/still.ts';
import type { Clock } from '../time/clock.ts';
import { StandStill } from '../time/stand-still.ts';
import { Ticker } from '../time/ticker.ts';
import { BinlogPace } from './binlog-pace.ts';
import { MembershipReader } from './membership-reader.ts';
import { GtidReading, type PositionSample, type SeenPosition } from './position-sample.ts';

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
  /** Why the last look failed; null when it did not. */
  fault: Error | null = null;
  /**
   * Pairs that compare by file and offset and have this server as their source; and those that have it as their target
   * and go by what its channels tell, be it their places or what they received.
   */
  readonly binlogFor = new Set<object>();
  readonly placesFor = new Set<object>();
  /** Pairs that want to know what of that which their target is ahead by this server is committing (MySQL). */
  readonly suspects = new Set<object>();
  readonly #options: SamplerOptions;
  readonly #ticker: Ticker;
  #listeners: SampleListener[] = [];
  readonly #gtid = new GtidReading();
  readonly #membership: MembershipReader;
  readonly #standStill: StandStill;
  readonly #pace: BinlogPace;
  #binlog: SeenPosition | null = null;
  #latest: { sample: PositionSample; facts: ServerFacts } | null = null;
  /** As of the connection that told where the binlog is. */
  #facts: ServerFacts | null = null;

  constructor(options: SamplerOptions) {
    this.#options = options;
    const { intervalMs, phaseMs, clock } = options;
    this.#membership = new MembershipReader(options);
    this.#standStill = new StandStill(clock);
    this.#pace = new BinlogPace(clock);
    this.#ticker = new Ticker({
      intervalMs,
      phaseMs,
      clock,
      job: () => this.#look(),
      onError: (error) => this.#unexpected(error),
    });
  }

  /** Null before the first, and while another server answers than the one that was looked at. */
  get latest(): PositionSample | null {
    return this.#latest && isStill(this.#options.server, this.#latest.facts) ? this.#latest.sample : null;
  }

  /** How long nobody was asked since then, in ms, for this process was held up. */
  heldUpSince(at: number): number {
    return this.#ticker.heldUpSince(at);
  }

  /** How long the server is left alone at most between two questions for its place in its binlog. */
  get binlogPauseMs(): number {
    return this.#pace.pauseMs;
  }

  /** Answers how to be told no more. */
  listen(listener: SampleListener): () => void {
    this.#listeners = [...this.#listeners, listener];
    return () => (this.#listeners = this.#listeners.filter((other) => other !== listener));
  }

  start(): void {
    this.#ticker.start();
  }

  /** Looks now. */
  hasten(): void {
    this.#ticker.hasten();
  }

  stop(): void {
    this.#ticker.stop();
    this.#listeners = [];
  }

  async #look(): Promise<void> {
    const { server } = this.#options;
    const { facts } = server;
    let sample: PositionSample;
    try {
      if (!facts) throw new ServerFault('connection', server.name, server.evidence);
      sample = await this.#sample(facts).finally(() => mustBeStill(server, facts));
    } catch (error) {
      const fault = this.#faultFrom(error);
      this.fault = fault;
      this.#tell((listener) => listener.fault(fault));
      return;
    }
    this.#latest = { sample, facts };
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

  async #sample(facts: ServerFacts): Promise<PositionSample> {
    const { server, clock } = this.#options;
    // Of what was read before the clock stood still nobody knows how old it is.
    if (this.#standStill.noticed() || !this.#isCertain(facts)) this.#forgetBinlog();
    this.#facts = facts;
    const sentAt = clock.now();
    const { cluster } = facts;
    const wantsBinlog = this.binlogFor.size > 0 && this.#pace.due;
    const [ofFlight, ofGtid, ofPeers, ofMember, ofBinlog, ofPlaces] = await this.#ask(
      // Before the position: what is in flight no longer is in it.
      this.suspects.size > 0 && inFlightStatement,
      cluster === 'galera' ? nodeGtidStatement(facts) : gtidStatement(facts.flavour),
      // Held up while the member leaves, then answered with a part of the list: what is asked next tells that it left.
      this.#membership.ofPeers,
      cluster && membershipStatement[cluster],
      wantsBinlog && binlogStatusStatement(facts),
      this.placesFor.size > 0 && replicaStatusStatement(facts),
    ).finally(() => this.#pace.looked(wantsBinlog, sentAt));
    const [row] = rowsOf(ofGtid) ?? [];
    if (!row) throw new ServerFault('statement', server.name, `${server.name} answered without a row`);
    const numbering = numberingFrom(row);
    if (numbering !== undefined) server.numbers(numbering);
    const flight = rowsOf(ofFlight);
    const inFlight = flight && inFlightFrom(flight[0]);
    const gtid = this.#gtid.read(row, facts);
    const membership = await this.#membership.read(rowsOf(ofMember), ofPeers ?? null);
    const place = await this.#place(ofBinlog, facts);
    const channels = isPrivilege(ofPlaces) ? null : rowsOf(ofPlaces);
    const places = channels && placesFrom(channels);
    const domains = channels && domainsFrom(channels);
    const owners = channels && ownersFrom(channels);
    const received = channels && receivedFrom(channels);
    // Nobody knows how long such a look took, so it counts for none.
    if (this.#standStill.noticed()) {
      this.#forgetBinlog();
      throw new Error(`the clock stood still while ${server.name} was asked: the machine was suspended`);
    }
    const receivedAt = clock.now();
    if (wantsBinlog) this.#binlog = place && { position: place, sentAt, receivedAt };
    const binlog = this.#binlog;
    return { sentAt, receivedAt, gtid, binlog, places, domains, owners, received, membership, inFlight };
  }

  /** A connection that was made anew brings the facts anew, and another server only now and then. */
  #isCertain(facts: ServerFacts): boolean {
    return facts === this.#facts || (this.#facts !== null && areOne(facts.instance, this.#facts.instance));
  }

  #forgetBinlog(): void {
    this.#binlog = null;
    this.#pace.reset();
  }

  /** In one round trip, for a look is of one moment; null for what is not wanted. */
  async #ask(...wanted: (string | false | null | undefined)[]): Promise<Answer[]> {
    const { server, timeoutMs } = this.#options;
    const statements = wanted.filter((sql) => typeof sql === 'string');
    const answers = await server.queryTogether(statements, { lane: 'sampler', timeoutMs });
    return wanted.map((sql) => (typeof sql === 'string' ? answers.shift()! : null));
  }

  async #place(answer: Answer | undefined, facts: ServerFacts): Promise<Position | null> {
    if (!answer) return null;
    const { server } = this.#options;
    if (isPrivilege(answer)) {
      await server.reportFault('binlog position', binlogStatusPrivilege(facts), answer);
      return null;
    }
    const [row] = rowsOf(answer) ?? [];
    server.clearMissing('binlog position');
    return row ? binlogPlace(row) : null;
  }
}

type Answer = SqlRow[] | ServerFault | null;

function rowsOf(answer: Answer | undefined): SqlRow[] | null {
  if (answer instanceof ServerFault) throw answer;
  return answer ?? null;
}

/** That the privilege is missing is said by who reads the replication status. */
function placesFrom(rows: SqlRow[]): Map<string, Position> {
  const places = new Map<string, Position>();
  for (const row of rows) {
    const place = appliedPlace(row);
    if (place) places.set(channelName(row), place);
  }
  return places;
}

function domainsFrom(rows: SqlRow[]): Map<string, string> {
  return new Map(rows.map((row) => [channelName(row), domainsOf(row)]));
}

function receivedFrom(rows: SqlRow[]): Map<string, string> {
  return new Map(rows.map((row) => [channelName(row), String(row['Gtid_IO_Pos'] ?? '')]));
}

function ownersFrom(rows: SqlRow[]): Map<string, BinlogOwner> {
  return new Map(
    rows.flatMap((row) => {
      const owner = binlogOwner(row);
      return owner ? [[channelName(row), owner] as const] : [];
    }),
  );
}

function isPrivilege(fault: unknown): fault is ServerFault {
  return fault instanceof ServerFault && fault.kind === 'privilege';
}
