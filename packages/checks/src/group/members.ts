import type { KnownMember } from '../model/group.ts';
import type { ChannelStatus } from '../model/replication.ts';
import { type Membership, type View, wsrepOff } from '../position/membership.ts';
import { areOne, type Instance } from '../server/instance.ts';
import type { ServerFacts } from '../server/sql-server.ts';
import { FlowControlShare } from './flow-control.ts';
import type { Judgement } from './judge-members.ts';
import type { MemberLook } from './member-look.ts';

/** What a member lacks of what the others had. */
export interface MemberLag {
  lagMs: number | null;
  behind: number | null;
}

/** A server that is, or was, a member. */
export interface Member extends MemberLook {
  kind: NonNullable<ServerFacts['cluster']>;
  /** `host:port`, as Lockstep reaches it: by a name, or by way of a proxy, it is in no view. */
  reachedAt: string;
  /** Which server it is, for two names may lead to one. */
  instance: Instance;
  /** The last history that it said it has; '' for none. */
  group: string;
  /** The most members that its group had, or since a person took fewer for all; null while nobody told. */
  largest: number | null;
  /** The last view that it told of, with the history that was of. */
  newest: (View & { group: string }) | null;
  flow: FlowControlShare;
  lag: MemberLag;
  since: Date;
  /** What was told of it last. */
  told: Judgement['state'] | null;
  /** What was given away to be remembered, as text. */
  known: string;
}

export interface MembersOptions {
  /** Pairs, source and target, that are two members without a channel between them. */
  linked: () => [string, string][];
  wall: () => Date;
  /** Whether a server has a channel, by its name; null while that cannot be read, or was not. Absent: none has. */
  replicates?: (server: string) => boolean | null;
  /** It is no member after all. */
  onNone: (server: string) => void;
}

/** Every server that is, or was, a member of a cluster, with what it said last and how it was reached. */
export class Members {
  readonly #options: MembersOptions;
  readonly #members = new Map<string, Member>();

  constructor(options: MembersOptions) {
    this.#options = options;
  }

  get(server: string): Member | undefined {
    return this.#members.get(server);
  }

  names(): string[] {
    return [...this.#members.keys()];
  }

  /** False for one that was none. */
  delete(server: string): boolean {
    return this.#members.delete(server);
  }

  /** What an earlier process knew of a member, which this one may know already. */
  recall(server: string, address: string, known: KnownMember): void {
    const { kind, cluster, group, listedAs, largest } = known;
    const member =
      this.#members.get(server) ??
      this.#begin({ server, address, kind, cluster, known: JSON.stringify(known) });
    if (member.kind !== kind || member.cluster !== cluster) return;
    if (member.group === '') member.group = group;
    // What another address leads to may be another server.
    if (listedAs !== null && known.reachedAt === address && !member.membership) member.address = listedAs;
    member.listed ||= listedAs === member.address;
    member.largest = Math.max(member.largest ?? 0, largest ?? 0) || null;
  }

  /** A member answered. True when what it says is news, so that `tell()` has something to say. */
  take(
    { name, address, facts }: { name: string; address: string; facts: ServerFacts },
    membership: Membership | null,
    { sentAt, receivedAt }: { sentAt: number; receivedAt: number },
  ): boolean {
    let member = this.#members.get(name);
    const isNone = membership ? this.#isOnlySetUp(name, membership, member) : !member?.membership;
    if (isNone) {
      if (!member) return false;
      // Remembered from before, and set up to be something else since; or taken for one until it replicated.
      this.#members.delete(name);
      this.#options.onNone(name);
      return true;
    }
    if (!member) {
      const { kind, group } = membership!;
      member = this.#begin({ server: name, address, kind, cluster: facts.clusterName ?? group, known: '' });
    }
    // Without its plugin, or started without wsrep, it says nothing of a group, and has left the one it was in.
    const says = membership ?? leftFor(member.membership);
    const before = member.membership;
    const sameView = listOf(before) === listOf(says);
    const news =
      member.silent !== null ||
      !sameView ||
      before?.standing !== says?.standing ||
      before?.group !== says?.group ||
      before?.role !== says?.role;
    if (!sameView || member.membership === null) member.viewSince = receivedAt;
    if (!sameView) delete member.backAt;
    else if (receivedAt - (member.silent === null ? sentAt : member.receivedAt) > frozenMs) {
      member.backAt = receivedAt;
    }
    if (says?.view) {
      if (member.newest && says.view.number < member.newest.number && isOfHistory(says, member.newest)) {
        member.anewSince = receivedAt;
      }
      member.newest = { ...says.view, group: says.group };
    }
    member.instance = facts.instance;
    // A group may get another name while its members stay connected, and they say it at every look.
    const called = says?.kind === 'group-replication' ? says.group : facts.clusterName;
    if (called) member.cluster = called;
    if (says?.group) member.group = says.group;
    const said = says?.address ?? ((member.reachedAt === address && member.address) || address);
    const named = this.#isSaidByOther(member, said) ? '' : said;
    Object.assign(member, { membership: says, sentAt, receivedAt, silent: null, reachedAt: address });
    if (named !== member.address) {
      member.address = named;
      member.listed = false;
      this.#noticeListed(member);
    }
    member.flow.take(says?.flowControl ?? null, receivedAt);
    if (!sameView) {
      for (const other of this.#members.values()) {
        if (says?.view?.members.includes(other.address)) other.listed = true;
      }
    }
    return news;
  }

  /**
   * It did not answer; `several` servers are behind its address in turn, and that one of them is out is no word of it.
   * True when that is news.
   */
  fault(name: string, why: string, several = false): boolean {
    const member = this.#members.get(name);
    if (!member) return false;
    if (several) Object.assign(member, { address: '', listed: false });
    const news = member.silent === null;
    member.silent = why;
    if (news) member.lag = { lagMs: null, behind: null };
    return news;
  }

  /** Whom a channel reads from; nobody where that is no member that is watched. */
  readFrom({
    sourceHost,
    sourcePort,
    sourceIdentity,
  }: Pick<ChannelStatus, 'sourceHost' | 'sourcePort' | 'sourceIdentity'>): string[] {
    const there = `${sourceHost}:${sourcePort}`;
    return [...this.#members.values()]
      .filter(({ address, reachedAt, instance }) => {
        const isIt = sourceIdentity !== null && instance['server_uuid'] === sourceIdentity;
        return isIt || address === there || reachedAt === there;
      })
      .map(({ server }) => server);
  }

  /** Those whose word counts for a member, itself included: of its own history, and not itself by another name. */
  ofGroup(member: Member): Member[] {
    const { group, instance } = member;
    return [...this.#members.values()].filter(
      (other) =>
        areCalledOne(member, other) &&
        (other.group === group || other.group === '') &&
        (other === member || !areOne(instance, other.instance)),
    );
  }

  /** Clusters of one name are one where members have one history, or are compared without a channel between them. */
  assemble(): Member[][] {
    const groups: Member[][] = [];
    const links = this.#options.linked();
    const related = (a: Member, b: Member) =>
      areCalledOne(a, b) &&
      (a.group === b.group ||
        links.some(([s, t]) => (s === a.server && t === b.server) || (s === b.server && t === a.server)));
    for (const member of this.#members.values()) {
      const own = groups.filter((group) => group.some((other) => related(member, other)));
      const rest = groups.filter((group) => !own.includes(group));
      groups.splice(0, groups.length, ...rest, [...own.flat(), member]);
    }
    return groups;
  }

  #begin(begun: Pick<Member, 'server' | 'address' | 'kind' | 'cluster' | 'known'>): Member {
    const member: Member = {
      ...begun,
      reachedAt: begun.address,
      instance: {},
      group: '',
      largest: null,
      membership: null,
      sentAt: 0,
      receivedAt: 0,
      viewSince: 0,
      silent: null,
      listed: false,
      newest: null,
      flow: new FlowControlShare(),
      lag: { lagMs: null, behind: null },
      since: this.#options.wall(),
      told: null,
    };
    this.#noticeListed(member);
    this.#members.set(begun.server, member);
    return member;
  }

  /** Never seen in a group, and it replicates, as far as is known: a replica that was set up as members are. */
  #isOnlySetUp(server: string, { kind, standing }: Membership, member: Member | undefined): boolean {
    if (kind !== 'group-replication' || standing !== 'left' || !this.#options.replicates) return false;
    const replicates = this.#options.replicates(server);
    if (!member) return replicates !== false;
    return replicates === true && member.newest === null && !member.listed;
  }

  /** As where it was copied with the rest of a configuration: it names neither of the two in any view. */
  #isSaidByOther(member: Member, address: string): boolean {
    const others = [...this.#members.values()].filter((other) => !areOne(member.instance, other.instance));
    return others.some((other) => {
      return other !== member && other.silent === null && other.membership?.address === address;
    });
  }

  #noticeListed(member: Member): void {
    for (const { membership } of this.#members.values()) {
      if (membership?.view?.members.includes(member.address)) member.listed = true;
    }
  }
}

/**
 * The name of a running node's cluster can be set, and changes nothing of where it takes part, which its view tells. A
 * history alone does not: a copy of a cluster that got a name of its own has it, too.
 */
function areCalledOne(a: Member, b: Member): boolean {
  if (a.kind !== b.kind) return false;
  if (a.cluster === b.cluster) return true;
  return a.group !== '' && a.group === b.group && (lists(a, b) || lists(b, a));
}

function lists({ membership }: Member, { address }: Member): boolean {
  return membership?.view?.members.includes(address) ?? false;
}

/** By its id alone it would be known as well, were it not read while it goes. */
function listOf(membership: Membership | null): string {
  const view = membership?.view;
  return view ? [view.lineage, view.number, view.size, ...view.members.toSorted()].join() : '';
}

function isOfHistory({ group, view }: Membership, before: View & { group: string }): boolean {
  return group === before.group && view?.lineage === before.lineage;
}

/** In less nobody is given up by its group. */
const frozenMs = 3000;

/** What a server says that says nothing of groups any more. */
function leftFor(before: Membership | null): Membership | null {
  return (
    before && {
      ...before,
      standing: 'left',
      outside: `it has left its group: ${before.kind === 'galera' ? wsrepOff : 'it is not set up to be a member of one any more'}`,
      busy: null,
      position: null,
      received: null,
      view: null,
      role: null,
      queue: null,
      flowControl: null,
    }
  );
}
