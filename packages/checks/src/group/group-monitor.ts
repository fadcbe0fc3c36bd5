import type { GroupMember, GroupState, KnownMember } from '../model/group.ts';
import type { PairEventKind } from '../model/pair.ts';
import type { ChannelStatus } from '../model/replication.ts';
import type { Membership } from '../position/membership.ts';
import { areOne } from '../server/instance.ts';
import { groupStateOf } from './group-state.ts';
import {
  inOtherHalf,
  isAbandoned,
  judgeMember,
  type Judgement,
  whyApart,
  whySplit,
} from './judge-members.ts';
import { claimsPart } from './member-look.ts';
import { type Member, type MemberLag, Members, type MembersOptions } from './members.ts';
import { firstSplit, Splits } from './splits.ts';

export interface GroupMonitorOptions extends Omit<MembersOptions, 'onNone'> {
  /** In the order of the configuration. */
  servers: () => readonly string[];
  /** How old a member's look may be, in ms, beside the newest at any of its group. */
  staleMs: number;
  onGroup: (state: GroupState) => void;
  /** For the time lines of the pairs of these servers. */
  onEvent: (servers: string[], message: string, kind: PairEventKind) => void;
  /** What is to be remembered of a member over restarts; null: nothing any more. */
  onKnown: (server: string, known: KnownMember | null) => void;
}

/** Judges the members of all clusters: who takes part, by whose word, and what became of it. */
export class GroupMonitor {
  readonly #options: GroupMonitorOptions;
  readonly #members: Members;
  #groups = new Map<string, GroupState>();
  readonly #splits = new Splits();
  /** The last that each group had. */
  readonly #primaries = new Map<string, string>();

  constructor(options: GroupMonitorOptions) {
    this.#options = options;
    this.#members = new Members({ ...options, onNone: (server) => options.onKnown(server, null) });
  }

  /** From now on this group has all its members; null for a group that is not known. */
  takeForWhole(id: string, by: string): GroupState | null {
    const group = this.#groups.get(id);
    if (!group) return null;
    this.#splits.over(id);
    const names = group.members.map(({ server }) => server);
    for (const name of names) {
      const member = this.#members.get(name);
      if (member) member.largest = group.size;
    }
    this.#options.onEvent(
      names,
      `${by}: cluster ${group.name} is to have ${group.size} members, it had ${group.largest}`,
      'operator',
    );
    this.tell();
    return this.#groups.get(id) ?? null;
  }

  /** What an earlier process knew of a member, which this one may know already. */
  recall(server: string, address: string, known: KnownMember): void {
    this.#members.recall(server, address, known);
  }

  /** A member answered. True when what it says is news, so that `tell()` has something to say. */
  take(...answer: Parameters<Members['take']>): boolean {
    return this.#members.take(...answer);
  }

  /** It did not answer; `several` servers are behind its address in turn. True when that is news. */
  fault(name: string, why: string, several = false): boolean {
    return this.#members.fault(name, why, several);
  }

  /** It is watched no longer. */
  forget(name: string): void {
    if (this.#members.delete(name)) this.tell();
  }

  measured(name: string, lag: MemberLag): void {
    const member = this.#members.get(name);
    if (member) member.lag = lag;
  }

  /** Null for a server that was never seen to be a member. */
  judge(name: string): Judgement | null {
    const member = this.#members.get(name);
    return member ? judgeMember(member, this.#members.ofGroup(member), this.#options.staleMs) : null;
  }

  /** Why two servers are not members of one group, though both may be well; null when they are, or nobody knows. */
  apart(a: string, b: string): string | null {
    const [one, other] = [this.#members.get(a), this.#members.get(b)];
    if (!one || !other || areOne(one.instance, other.instance)) return null;
    return this.#isAbandoned(one) || this.#isAbandoned(other) ? null : whyApart(one, other);
  }

  /** Both take part in one group now, and are believed to. */
  areTogether(a: string, b: string): boolean {
    const peers = this.peers(a);
    return peers.includes(a) && peers.includes(b) && this.#believes(this.#members.get(a) as Member);
  }

  /** Both take part, each in another half of their cluster: what either half commits, the other never gets. */
  inTwoHalves(a: string, b: string): boolean {
    const [one, other] = [this.#members.get(a), this.#members.get(b)];
    if (!one || !other || areOne(one.instance, other.instance)) return false;
    if (one.membership?.group !== other.membership?.group || one.cluster !== other.cluster) return false;
    if (this.#isAbandoned(one) || this.#isAbandoned(other)) return false;
    return inOtherHalf(one, other) && whySplit(one, other) !== null;
  }

  /** Those that take part in another half of its cluster than this one. */
  inOtherHalves(name: string): string[] {
    return this.#members.names().filter((other) => this.inTwoHalves(name, other));
  }

  /** Whom a channel reads from; nobody where that is no member that is watched. */
  readFrom(channel: Pick<ChannelStatus, 'sourceHost' | 'sourcePort' | 'sourceIdentity'>): string[] {
    return this.#members.readFrom(channel);
  }

  /** The last that a server said of its group; null for one that was never a member. */
  membership(name: string): Membership | null {
    return this.#members.get(name)?.membership ?? null;
  }

  isMember(name: string): boolean {
    return this.#members.get(name) !== undefined;
  }

  /** Whose changes come to it: those that are believed to take part in its group now, itself included. */
  peers(name: string): string[] {
    const member = this.#members.get(name);
    if (!member) return [];
    return this.#members
      .ofGroup(member)
      .filter((peer) => claimsPart(peer))
      .filter((peer) => peer === member || (this.#believes(peer) && !inOtherHalf(peer, member)))
      .map(({ server }) => server);
  }

  /** What a guest has to know of a member that takes part; null for nothing. */
  note(name: string): string | null {
    const member = this.#members.get(name);
    if (!member || !claimsPart(member)) return null;
    if (member.membership?.standing === 'donor') {
      return `${name} is a donor or desynced: flow control does not wait for it`;
    }
    const { share } = member.flow;
    if (member.membership?.flowControl?.requested) {
      return `flow control: the cluster waits for ${name}${share === null ? '' : `, ${percent(share)} of the time`}`;
    }
    return null;
  }

  groups(): GroupState[] {
    return [...this.#groups.values()];
  }

  /** Makes the groups' states anew, and tells of what became of them. */
  tell(): void {
    const { onGroup, onEvent, wall } = this.#options;
    const servers = this.#options.servers();
    const now = wall();
    const next = new Map<string, GroupState>();
    for (const members of this.#members.assemble()) {
      const ordered = members.toSorted((a, b) => servers.indexOf(a.server) - servers.indexOf(b.server));
      const judged = ordered.map((member): GroupMember => this.#stateOf(member, now));
      const split = firstSplit(ordered.filter((member) => !this.#isAbandoned(member)));
      const id = idOf(ordered[0] as Member);
      const before = this.#groups.get(id) ?? null;
      const state = groupStateOf({
        id,
        looks: ordered,
        judged,
        apart: split?.why ?? null,
        unheard: this.#splits.unheard(id, split, ordered),
        before,
        now,
      });
      for (const member of ordered) {
        member.largest = state.largest;
        this.#remember(member);
      }
      const names = ordered.map(({ server }) => server);
      this.#tellPrimary(state, names);
      if (before && before.state !== state.state) onEvent(names, state.evidence, 'connection');
      next.set(state.id, state);
      onGroup(state);
    }
    this.#groups = next;
  }

  /** While the members are told of an election one after the other, for a moment there is none, or there are two. */
  #tellPrimary({ id, primary }: GroupState, names: string[]): void {
    const was = this.#primaries.get(id);
    if (primary === null || primary === was) return;
    this.#primaries.set(id, primary);
    if (was !== undefined) {
      this.#options.onEvent(names, `${primary} is the primary of its group now, it was ${was}`, 'failover');
    }
  }

  #remember(member: Member): void {
    const { kind, cluster, group, largest, reachedAt } = member;
    const listedAs = member.listed ? member.address : null;
    const known: KnownMember = { kind, cluster, group, listedAs, reachedAt, largest };
    const text = JSON.stringify(known);
    if (text === member.known) return;
    member.known = text;
    this.#options.onKnown(member.server, known);
  }

  #stateOf(member: Member, now: Date): GroupMember {
    const { state, evidence } = judgeMember(member, this.#members.ofGroup(member), this.#options.staleMs);
    if (state !== member.told) {
      if (member.told !== null) {
        this.#options.onEvent([member.server], `${member.server}: ${evidence}`, 'connection');
      }
      member.told = state;
      member.since = now;
    }
    const { server, membership, flow, lag, silent, since } = member;
    const says = silent === null ? membership : null;
    const view = says?.view ?? null;
    return {
      server,
      state,
      evidence,
      since,
      role: says?.role ?? null,
      view: view && (view.lineage === '' ? String(view.number) : `${view.lineage}:${view.number}`),
      viewSize: view?.size ?? null,
      ...lag,
      queue: says?.queue ?? null,
      flowControl: says ? flow.share : null,
      holdsBack: says?.flowControl?.requested ?? false,
    };
  }

  #believes(member: Member): boolean {
    const { state } = judgeMember(member, this.#members.ofGroup(member), this.#options.staleMs);
    return state === 'in-group' || state === 'donor';
  }

  #isAbandoned(member: Member): boolean {
    return claimsPart(member) && isAbandoned(member, this.#members.ofGroup(member));
  }
}

function idOf({ kind, cluster, server }: Member): string {
  return `${kind} ${cluster} ${server}`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
