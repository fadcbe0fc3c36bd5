import { GroupMonitor, type GroupMonitorOptions } from '../group/group-monitor.ts';
import type { KnownMember } from '../model/group.ts';
import type { Server } from '../server/server.ts';
import type { Clock } from '../time/clock.ts';
import { type BehindGroup, GroupLag } from './group-lag.ts';
import type { PositionSample } from './position-sample.ts';
import type { PositionSampler } from './position-sampler.ts';

export interface GroupWatchOptions extends Omit<GroupMonitorOptions, 'wall'> {
  clock: Clock;
}

/** What is measured of members is told this often; that one came, went or changed is told at once. */
const tellEveryMs = 1000;

/** All that is watched of clusters: who takes part, and how far behind its group each is. */
export class GroupWatch {
  readonly members: GroupMonitor;
  readonly #lag: GroupLag;
  readonly #clock: Clock;
  readonly #staleMs: number;
  readonly #latest = new Map<string, PositionSample>();
  readonly #behind = new Map<string, BehindGroup | null>();
  #toldAt = -Infinity;

  constructor({ clock, staleMs, ...options }: GroupWatchOptions) {
    this.#clock = clock;
    this.#staleMs = staleMs;
    this.#lag = new GroupLag({ clock, staleMs });
    this.members = new GroupMonitor({ ...options, staleMs, wall: () => clock.wall() });
  }

  /** Before anybody else that judges by a sampler's looks. */
  watch(server: Server, sampler: PositionSampler): void {
    sampler.listen({
      sample: (sample) => this.#take(server, sample),
      fault: (fault) => {
        this.#behind.delete(server.name);
        this.#tell(this.members.fault(server.name, fault.message, server.state.balances != null));
      },
    });
  }

  /** What an earlier process knew of members. */
  recall(server: Server, known: KnownMember): void {
    const { host, port } = server.state;
    this.members.recall(server.name, `${host}:${port}`, known);
  }

  /** It is watched no longer; the sampler that it was watched by has stopped. */
  forget(server: string): void {
    this.#latest.delete(server);
    this.#behind.delete(server);
    this.#lag.forget(server);
    this.members.forget(server);
  }

  /** Null where it is not known. */
  behind(server: string): BehindGroup | null {
    return this.#behind.get(server) ?? null;
  }

  /** Why a member's last look is too old to say anything; null when it is not. */
  silence(server: string, now: number): { silentMs: number } | null {
    const last = this.#lag.lastSentAt(server);
    if (last === null) return { silentMs: Infinity };
    return now - last > this.#staleMs ? { silentMs: now - last } : null;
  }

  /** What the other members had in their histories when they were asked last. */
  otherHistories(server: string): string[] {
    const peers = this.members.peers(server).filter((name) => name !== server);
    return peers.flatMap((name) => this.#latest.get(name)?.gtid.history ?? []);
  }

  #take(server: Server, sample: PositionSample): void {
    const { name, facts } = server;
    if (!facts || (!sample.membership && !this.members.isMember(name))) return;
    // Made anew each time that it is asked for, and most servers are members of nothing.
    const { state } = server;
    const address = `${state.host}:${state.port}`;
    const news = this.members.take({ name, address, facts }, sample.membership ?? null, sample);
    this.#latest.set(name, sample);
    this.#lag.record(name, sample);
    const behind = this.#lag.measure(sample, this.members.peers(name));
    this.#behind.set(name, behind);
    this.members.measured(name, { lagMs: behind?.range.lagMs ?? null, behind: behind?.behind ?? null });
    this.#tell(news);
  }

  #tell(news: boolean): void {
    const now = this.#clock.now();
    if (!news && now - this.#toldAt < tellEveryMs) return;
    this.#toldAt = now;
    this.members.tell();
  }
}
