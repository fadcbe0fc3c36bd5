import { isDeepStrictEqual } from 'node:util';
import type { LagConfig, PairConfig } from '../config.ts';
import type { Mishaps } from '../mishaps.ts';
import type { LagSample } from '../model/lag.ts';
import type { ChannelStatus, ReplicationStatus } from '../model/replication.ts';
import type { SourceOfPair } from '../position/own-channel.ts';
import type { ConnectionManager } from '../server/connection-manager.ts';
import type { Server } from '../server/server.ts';
import type { Clock } from '../time/clock.ts';
import type { BrokenPairs } from './broken-pairs.ts';
import { ClosedBinlog } from './closed-binlog.ts';
import type { GroupWatch } from './group-watch.ts';
import { hastenWhenAnswering } from './hasten-when-answering.ts';
import { PositionSampler } from './position-sampler.ts';
import { ReplicationMonitor, type WatchedState } from './replication-monitor.ts';
import { ReplicationStatusReader } from './replication-status-reader.ts';
import type { RepointedPairs } from './repointed-pairs.ts';
import { SourceWatermarks } from './source-watermarks.ts';
import { watchSource } from './watch-source.ts';

export interface ArrangementOptions {
  manager: ConnectionManager;
  config: LagConfig;
  /** After how long what was seen says nothing any more. */
  staleMs: number;
  groups: GroupWatch;
  broken: BrokenPairs;
  repointed: RepointedPairs;
  replicatedBefore: (pair: string) => boolean;
  onLag: (sample: LagSample) => void;
  onReplication: (status: ReplicationStatus) => void;
  onState: (pair: string, state: WatchedState) => void;
  clock: Clock;
  mishaps: Mishaps;
}

interface Sampled {
  server: Server;
  sampler: PositionSampler;
  /** Of the server, as configured. */
  address: { host: string; port: number };
}

interface Source {
  sampler: PositionSampler;
  watermarks: SourceWatermarks;
  binlog: ClosedBinlog;
  end: () => void;
}

interface Watched {
  config: PairConfig;
  source: PositionSampler;
  target: PositionSampler;
  monitor: ReplicationMonitor;
}

interface Read {
  server: Server;
  /** Of all pairs of the target. */
  monitors: ReplicationMonitor[];
  hidesValues: boolean;
  reader: ReplicationStatusReader;
  end: () => void;
}

/** Who is watched and by what: one sampler per server, one status reader per target, shared by pairs. */
export class Arrangement {
  readonly #options: ArrangementOptions;
  readonly #clock: Clock;
  readonly #mishaps: Mishaps;
  #configured: readonly PairConfig[] = [];
  #names: string[] = [];
  readonly #samplers = new Map<string, Sampled>();
  readonly #sources = new Map<string, Source>();
  readonly #pairs = new Map<string, Watched>();
  readonly #readers = new Map<string, Read>();
  #running: boolean;

  /** Of nobody yet. `running`: what is arranged begins at once. */
  constructor(options: ArrangementOptions, running: boolean) {
    this.#options = options;
    this.#running = running;
    this.#clock = options.clock;
    this.#mishaps = options.mishaps;
  }

  get pairs(): readonly PairConfig[] {
    return this.#configured;
  }

  /** Of the servers, in the order of the pairs. */
  get names(): string[] {
    return this.#names;
  }

  get running(): boolean {
    return this.#running;
  }

  start(): void {
    this.#running = true;
    for (const { sampler } of this.#samplers.values()) sampler.start();
    for (const { reader } of this.#readers.values()) reader.start();
  }

  /** Looks at all servers now. */
  hasten(): void {
    for (const { sampler } of this.#samplers.values()) sampler.hasten();
  }

  /** No further events, at once. What is being asked of servers ends with their connections. */
  stop(): void {
    this.#running = false;
    for (const { sampler } of this.#samplers.values()) sampler.stop();
    for (const { reader } of this.#readers.values()) reader.stop();
  }

  servers(): Server[] {
    return [...this.#samplers.values()].map(({ server }) => server);
  }

  /** By the name of their pair. */
  monitors(): Map<string, ReplicationMonitor> {
    return new Map([...this.#pairs].map(([name, { monitor }]) => [name, monitor]));
  }

  /** Undefined for a pair that is not configured. */
  monitor(pair: string): ReplicationMonitor | undefined {
    return this.#pairs.get(pair)?.monitor;
  }

  /** Null while that cannot be read, or was not. Of who is no target it is never read. */
  replicates(name: string): boolean | null {
    if (!this.#readers.has(name)) return false;
    const channels = this.#channelsOf(name);
    return channels ? channels.length > 0 : null;
  }

  /**
   * Watches these from now on: ends what is not wanted any more, then begins what is new, as each rests on what was
   * arranged before it. What is watched as before goes on with all that is known of it; a server of the manager's that
   * is another object counts as another server.
   */
  arrange(pairs: readonly PairConfig[]): void {
    this.#configured = pairs;
    this.#names = [...new Set(pairs.flatMap(({ source, target }) => [source, target]))];
    this.#endSamplers();
    this.#endPairs();
    this.#endSources();
    this.#names.forEach((name, index) => this.#sample(name, index / this.#names.length));
    for (const { source } of pairs) this.#watchSource(source);
    for (const pair of pairs) this.#watch(pair);
    const targets = [...new Set(pairs.map(({ target }) => target))];
    for (const [name, read] of this.#readers) {
      if (!targets.includes(name)) this.#endReader(name, read);
    }
    targets.forEach((name, index) => this.#readStatusOf(name, index / targets.length));
  }

  #endSamplers(): void {
    const wanted = new Set(this.#names);
    for (const [name, { server, sampler }] of this.#samplers) {
      if (wanted.has(name) && this.#options.manager.get(name) === server) continue;
      sampler.stop();
      this.#samplers.delete(name);
      this.#options.groups.forget(name);
    }
  }

  #endPairs(): void {
    const wanted = new Map(this.#configured.map((pair) => [pair.name, pair]));
    for (const [name, { config, source, target, monitor }] of this.#pairs) {
      const now = wanted.get(name);
      const same =
        now &&
        isDeepStrictEqual(ofReplication(now), ofReplication(config)) &&
        this.#samplers.get(now.source)?.sampler === source &&
        this.#samplers.get(now.target)?.sampler === target;
      if (same) continue;
      monitor.stop();
      this.#pairs.delete(name);
    }
  }

  #endSources(): void {
    const wanted = new Set(this.#configured.map(({ source }) => source));
    for (const [name, { sampler, end }] of this.#sources) {
      if (wanted.has(name) && this.#samplers.get(name)?.sampler === sampler) continue;
      end();
      this.#sources.delete(name);
    }
  }

  #endReader(name: string, { reader, end }: Read): void {
    reader.stop();
    end();
    this.#readers.delete(name);
  }

  #sample(name: string, phase: number): void {
    if (this.#samplers.has(name)) return;
    const { sampleIntervalMs: intervalMs, timeoutMs } = this.#options.config;
    const server = this.#options.manager.get(name);
    const sampler = new PositionSampler({
      server,
      intervalMs,
      phaseMs: intervalMs * phase,
      timeoutMs,
      clock: this.#clock,
      mishaps: this.#mishaps,
    });
    const { host, port } = server.state;
    this.#samplers.set(name, { server, sampler, address: { host, port } });
    this.#options.groups.watch(server, sampler);
    if (this.#running) sampler.start();
  }

  #watchSource(name: string): void {
    if (this.#sources.has(name)) return;
    const { server, sampler } = this.#samplers.get(name) as Sampled;
    const watermarks = new SourceWatermarks(this.#clock);
    const ofSource = () => [...this.#pairs.values()].filter(({ config }) => config.source === name);
    const monitors = () => ofSource().map(({ monitor }) => monitor);
    const binlog = new ClosedBinlog({
      server,
      timeoutMs: this.#options.config.timeoutMs,
      clock: this.#clock,
    });
    const ends = [
      watchSource({ server, sampler, watermarks, monitors }),
      sampler.listen({
        sample: (sample) => binlog.notice(sample, sampler.binlogFor.size > 0),
        fault: () => {},
      }),
    ];
    const end = () => ends.forEach((end) => end());
    this.#sources.set(name, { sampler, watermarks, binlog, end });
  }

  #watch(pair: PairConfig): void {
    if (this.#pairs.has(pair.name)) return;
    const { manager, groups, broken, repointed, staleMs, replicatedBefore, onLag, onReplication, onState } =
      this.#options;
    const of = { pair: pair.name, target: pair.target };
    const [source, target] = [this.#sampler(pair.source), this.#sampler(pair.target)];
    const { watermarks, binlog } = this.#sources.get(pair.source) as Source;
    const monitor = new ReplicationMonitor({
      pair,
      source: manager.get(pair.source),
      target: manager.get(pair.target),
      sourceSampler: source,
      targetSampler: target,
      watermarks,
      binlogClosed: () => binlog.closed,
      staleMs,
      groups,
      replicatedBefore: replicatedBefore(pair.name),
      others: () => this.#othersThan(pair.source),
      replicates: (name) => this.replicates(name) === true,
      channelsOf: (name) => this.#channelsOf(name),
      clock: this.#clock,
      mishaps: this.#mishaps,
      onLag,
      onReplication,
      onState: (state) => onState(pair.name, state),
      onBroken: (history) => broken.set(of, history),
      inherited: (about, eitherWay) => broken.inherit(of, about, eitherWay),
      onRepointed: (elsewhere) => repointed.set(of, elsewhere),
    });
    const known = broken.get(of);
    if (known) monitor.histories.recall(known);
    const elsewhere = repointed.get(of);
    if (elsewhere) monitor.recallRepointed(elsewhere);
    this.#pairs.set(pair.name, { config: pair, source, target, monitor });
  }

  #readStatusOf(name: string, phase: number): void {
    const ofTarget = this.#configured.filter(({ target }) => target === name);
    const monitors = ofTarget.map(({ name }) => this.monitor(name) as ReplicationMonitor);
    const server = this.#options.manager.get(name);
    const hidesValues = ofTarget.some(({ tables }) =>
      tables.overrides.some(({ maskColumns }) => maskColumns.length > 0),
    );
    const before = this.#readers.get(name);
    if (before) {
      const same =
        before.server === server &&
        before.hidesValues === hidesValues &&
        before.monitors.length === monitors.length &&
        monitors.every((monitor) => before.monitors.includes(monitor));
      if (same) return;
      this.#endReader(name, before);
    }
    const { statusIntervalMs } = this.#options.config;
    const reader = new ReplicationStatusReader({
      server,
      intervalMs: statusIntervalMs,
      phaseMs: statusIntervalMs * phase,
      hidesValues,
      clock: this.#clock,
      mishaps: this.#mishaps,
      onReading: (reading) => monitors.forEach((monitor) => monitor.read(reading)),
    });
    const sides = [...new Set([name, ...monitors.map(({ source }) => source)])];
    const samplers = sides.map((side) => this.#sampler(side));
    const end = hastenWhenAnswering(reader, samplers, this.#running);
    this.#readers.set(name, { server, monitors, hidesValues, reader, end });
    if (!this.#running) return;
    reader.start();
    if (server.connected) reader.hasten();
  }

  #sampler(name: string): PositionSampler {
    return (this.#samplers.get(name) as Sampled).sampler;
  }

  /** One by one: who asks for them seldom needs them all, and every pair asks at every reading. */
  *#othersThan(source: string): Generator<SourceOfPair> {
    for (const name of this.#names) {
      if (name === source) continue;
      const { server, sampler, address } = this.#samplers.get(name) as Sampled;
      yield { facts: server.facts, host: address.host, port: address.port, group: groupOf(sampler) };
    }
  }

  #channelsOf(name: string): readonly ChannelStatus[] | null {
    return this.#readers.get(name)?.monitors[0]?.status?.channels ?? null;
  }
}

/** What of a pair's settings replication is watched by. */
function ofReplication({ source, target, channel, errant, lag }: PairConfig) {
  return { source, target, channel, errant, lag };
}

function groupOf({ latest }: PositionSampler): string | undefined {
  return latest?.membership?.kind === 'group-replication' ? latest.membership.group : undefined;
}
