import { GroupMonitor, type GroupMonitorOptions } from '../group/group-monitor.ts';
import type { KnownMember } from '../model/group.ts';
import { atLeast } from '../server/flavour.ts';
import type { Server } from '../server/server.ts';
import type { Clock } from '../time/clock.ts';
import { AppliedOutside } from './applied-outside.ts';
import { BegunAnew } from './begun-anew.ts';
import { BegunWithout } from './begun-without.ts';
import { type BehindGroup, GroupLag } from './group-lag.ts';
import { type LoggedByNobody, loggedByNobody } from './logged-by-nobody.ts';
import { MadeToGoOn } from './made-to-go-on.ts';
import { NodesBegunBelow, numbersViews } from './nodes-begun-below.ts';
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
  readonly begunAnew = new BegunAnew();
  readonly begunWithout = new BegunWithout();
  readonly begunBelow = new NodesBegunBelow();
  readonly appliedOutside = new AppliedOutside();
  readonly #madeToGoOn = new MadeToGoOn();
  readonly #lag: GroupLag;
  readonly #clock: Clock;
  readonly #staleMs: number;
  readonly #latest = new Map<string, PositionSample>();
  /** The looks before those. */
  readonly #before = new Map<string, PositionSample>();
  /** Stays: what was seen before somebody logged more is still measured by. */
  readonly #nobodys = new Map<string, LoggedByNobody>();
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
        this.begunAnew.fault(server.name);
        this.begunBelow.fault(server.name);
        this.#madeToGoOn.fault(server.name);
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
    this.#before.delete(server);
    this.#nobodys.delete(server);
    this.#behind.delete(server);
    this.#lag.forget(server);
    this.begunAnew.forget(server);
    this.begunWithout.forget(server);
    this.begunBelow.forget(server);
    this.appliedOutside.forget(server);
    this.#madeToGoOn.forget(server);
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

  /** The newest that a node gave a number, and that no replica gets; null while nothing of the kind was seen. */
  loggedByNobody(server: string): LoggedByNobody | null {
    return this.#nobodys.get(server) ?? null;
  }

  #take(server: Server, sample: PositionSample): void {
    const { name, facts } = server;
    const isForced = sample.membership ? this.#madeToGoOn.take(name, sample.membership) : false;
    if (facts?.flavour === 'mysql') this.begunWithout.take(name, facts.identity, sample, isForced);
    if (!facts || (!sample.membership && !this.members.isMember(name))) return;
    // Made anew each time that it is asked for, and most servers are members of nothing.
    const { state } = server;
    const address = `${state.host}:${state.port}`;
    const news = this.members.take({ name, address, facts }, sample.membership ?? null, sample);
    this.appliedOutside.take(name, this.members.membership(name), sample.gtid.applied);
    const before = this.#latest.get(name);
    if (before) this.#before.set(name, before);
    this.#latest.set(name, sample);
    this.begunAnew.take(name, facts, sample, isForced);
    if (atLeast(facts.version, numbersViews)) this.begunBelow.take(name, facts.identity, sample, isForced);
    if (facts.wsrepGtid) this.#noticeUnlogged();
    this.#lag.record(name, sample);
    const behind = this.#lag.measure(sample, this.members.peers(name), name);
    this.#behind.set(name, behind);
    this.members.measured(name, { lagMs: behind?.range.lagMs ?? null, behind: behind?.behind ?? null });
    this.#tell(news);
  }

  /** Where nodes number alike: elsewhere a number tells nothing of others' binlogs. */
  #noticeUnlogged(): void {
    for (const [name, node] of this.#latest) {
      const { source } = node.gtid;
      if (source.kind !== 'mariadb-gtid' || source.unlogged === undefined) continue;
      for (const peer of this.members.peers(name)) {
        const [before, latest] = [this.#before.get(peer), this.#latest.get(peer)];
        const found = peer !== name && before && latest && loggedByNobody(node, { before, latest });
        if (found) this.#nobodys.set(name, found);
      }
    }
  }

  #tell(news: boolean): void {
    const now = this.#clock.now();
    if (!news && now - this.#toldAt < tellEveryMs) return;
    this.#toldAt = now;
    this.members.tell();
  }
}
