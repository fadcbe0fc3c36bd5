import type { GroupMonitor } from '../group/group-monitor.ts';
import type { Server } from '../server/server.ts';
import type { BegunWithout } from './begun-without.ts';
import type { NodesBegunBelow } from './nodes-begun-below.ts';
import type { Route } from './replica-lag-monitor.ts';

export interface TwoHalvesOptions {
  source: Server;
  target: Server;
  /** Whether a server is known to have a channel, by its name. */
  replicates: (server: string) => boolean;
  pair: { name: string };
  begunBelow?: Pick<NodesBegunBelow, 'between' | 'isInAnother'>;
  begunWithout?: Pick<BegunWithout, 'wereBeside' | 'isInAnother'>;
  members: Pick<
    GroupMonitor,
    'inTwoHalves' | 'areTogether' | 'inOtherHalves' | 'readFrom' | 'peers' | 'membership'
  >;
}

/**
 * Follows whether what a pair's two have is of two halves of one cluster: what one half commits never comes to the
 * other, which gives the numbers of it to what it commits itself. A member that goes over to the other half is taken in
 * by its number alone, and what reads from members takes whatever has the next number. So it is of what a cluster was
 * begun anew without.
 */
export class TwoHalves {
  readonly #options: TwoHalvesOptions;
  #areApart = false;
  #wereBegun = false;
  /** That they were apart, as it was said last, until all was compared. */
  #said: string | null = null;
  /** From whom the target read while that was in a cluster begun anew without the source. */
  readonly #readThere = new Set<string>();
  /** Who was in another half than the source, from which the target reads itself. */
  readonly #others = new Set<string>();
  /** Who was in the source's own half from then on, and was never out of it; null: nobody was asked. */
  #stayed: string[] | null = null;
  /** The source was out since. */
  #wasOut = false;
  /**
   * The address where the target reads, which nobody watches, once it was seen in the source's view, and how many that
   * does not name: an arbitrator, for one.
   */
  #listed: { there: string; unnamed: number } | null = null;
  /** What the target had received when that was first out of the source's view; null: it is in it. */
  #receivedBefore: string | null = null;

  constructor(options: TwoHalvesOptions) {
    this.#options = options;
  }

  reset(): void {
    this.#areApart = false;
    this.#wereBegun = false;
    this.#said = null;
    this.#readThere.clear();
    this.#listed = null;
    this.#receivedBefore = null;
    this.#stay();
  }

  /** At every look at the target: what came between the two, each time that it does; null for nothing. */
  notice(route: Route | null): string | null {
    const [apart, begun] = [this.#why(route), this.#begunApart(route)];
    const [wereApart, wereBegun] = [this.#areApart, this.#wereBegun];
    this.#areApart = apart !== null;
    this.#wereBegun = begun !== null;
    if (apart !== null) this.#said = apart;
    if (apart !== null && !wereApart) return apart;
    return begun !== null && !wereBegun ? (this.#said ?? begun) : null;
  }

  /** All was compared. */
  settled(): void {
    this.#said = null;
    this.#readThere.clear();
  }

  /** The numbers that each of the two gets from now on are of the same changes. */
  areTogether(route: Route): boolean {
    const { source, target, members } = this.#options;
    if (route.group) return members.areTogether(source.name, target.name);
    if (this.#missesOf(route) !== null) return false;
    if (!this.#isByNumbersOfAll(route) || route.direct) return true;
    const from = this.#readFrom(route);
    return from
      ? from.every((name) => members.areTogether(source.name, name))
      : members.inOtherHalves(source.name).length === 0 && this.#outOfView(route) === null;
  }

  #why(route: Route | null): string | null {
    const { source, target, members } = this.#options;
    if (route?.group) {
      return members.inTwoHalves(source.name, target.name) ? wereApart(source.name, target.name) : null;
    }
    if (!route) return null;
    const misses = this.#missesOf(route);
    if (misses !== null) return missedIn(source.name, target.name, misses);
    if (!this.#isByNumbersOfAll(route)) return null;
    const others = members.inOtherHalves(source.name);
    if (route.direct) return this.#wentOver(others);
    this.#stay();
    const from = this.#readFrom(route);
    const stranger = from ? null : this.#getsFromOut(route);
    if (stranger !== null) return readsFromOther(source.name, target.name, stranger);
    const other = from ? from.find((name) => others.includes(name)) : others[0];
    return other === undefined ? null : readsFromOther(source.name, target.name, other);
  }

  /** What one of the two has, or whom the target reads from, its cluster gave again, or others gave meanwhile. */
  #begunApart(route: Route | null): string | null {
    const { source, target } = this.#options;
    if (!route) return null;
    if (route.group) return this.#begunBetween(source.name, target.name);
    if (!this.#isByNumbersOfAll(route)) return null;
    const from = route.direct ? [] : (this.#readFrom(route) ?? []);
    for (const name of from) {
      const why = this.#begunBetween(source.name, name);
      if (why !== null) return `${target.name} reads from ${name}, and of that and ${source.name}: ${why}`;
    }
    return this.#hasReadThere(from);
  }

  /** It may read elsewhere since; and that the source went on beside that is seen when it is heard again. */
  #hasReadThere(from: readonly string[]): string | null {
    const { source, target, members } = this.#options;
    for (const name of from) if (this.#isInAnother(name)) this.#readThere.add(name);
    if (this.#readThere.size === 0 || !members.peers(source.name).includes(source.name)) return null;
    const other = [...this.#readThere].find(
      (name) => this.#isInAnother(name) || this.#begunBetween(source.name, name) !== null,
    );
    if (other !== undefined) return readsFromOther(source.name, target.name, other);
    this.#readThere.clear();
    return null;
  }

  #isInAnother(name: string): boolean {
    const { source, begunBelow, begunWithout } = this.#options;
    const begun = source.facts?.cluster === 'group-replication' ? begunWithout : begunBelow;
    return begun?.isInAnother(source.name, name) === true;
  }

  #begunBetween(one: string, other: string): string | null {
    const { source, begunBelow, begunWithout, pair } = this.#options;
    return source.facts?.cluster === 'group-replication'
      ? (begunWithout?.wereBeside(one, other, pair.name) ?? null)
      : (begunBelow?.between(one, other, pair.name) ?? null);
  }

  /** The target has what the source wrote in its half; where others take that in it may be copied anew. */
  #wentOver(others: readonly string[]): string | null {
    const { source, target, members } = this.#options;
    for (const other of others) this.#others.add(other);
    if (this.#others.size === 0) return null;
    const peers = members.peers(source.name);
    if (!peers.includes(source.name)) this.#wasOut = true;
    const beside = this.#stayed ?? peers.filter((name) => name !== source.name && !this.#others.has(name));
    this.#stayed = beside.filter((name) => members.peers(name).includes(name));
    const joined = [...this.#others].find((other) => members.areTogether(source.name, other));
    if (joined === undefined) return null;
    // Where it is with those now, it came back to them, and it is the other half that went over.
    const cameBack = this.#stayed.some((name) => members.areTogether(source.name, name));
    const isGone = this.#wasOut && !cameBack;
    this.#stay();
    return isGone ? wentOver(source.name, target.name, joined) : null;
  }

  #stay(): void {
    this.#others.clear();
    this.#stayed = null;
    this.#wasOut = false;
  }

  /** Null where that is not watched. */
  #readFrom({ channel }: Route): string[] | null {
    const names = channel ? this.#options.members.readFrom(channel) : [];
    return names.length > 0 ? names : null;
  }

  /** Out of the source's view nobody gets anything to send on, but in a half of its own. */
  #getsFromOut(route: Route): string | null {
    const out = this.#outOfView(route);
    if (out === null || route.channel?.receiver !== 'running') {
      this.#receivedBefore = null;
      return null;
    }
    const now = route.channel.receivedGtid ?? '';
    this.#receivedBefore ??= now;
    return now === this.#receivedBefore ? null : out;
  }

  #outOfView({ channel }: Route): string | null {
    const { source, members } = this.#options;
    const view = members.membership(source.name)?.view;
    if (!channel || !view || !members.peers(source.name).includes(source.name)) return null;
    const there = `${channel.sourceHost}:${channel.sourcePort}`;
    const unnamed = view.size - view.members.length;
    if (view.members.includes(there)) this.#listed = { there, unnamed };
    // A view that is read while it goes names some of its members only.
    const isNamed = this.#listed?.there === there && unnamed <= this.#listed.unnamed;
    return isNamed && !view.members.includes(there) ? there : null;
  }

  /** Who is in another half than the target, whose own half nobody brings what comes to the cluster. */
  #missesOf(route: Route): string | null {
    const { target, members, replicates } = this.#options;
    if (!this.#isByNumberOnly(route)) return null;
    return members.peers(target.name).some(replicates)
      ? null
      : (members.inOtherHalves(target.name)[0] ?? null);
  }

  /**
   * What comes to the target by another node's channel comes by the cluster's number, whatever has that: GTIDs that
   * follow tell of it as well.
   */
  #isByNumberOnly({ throughCluster }: Route): boolean {
    return throughCluster === true && this.#options.target.facts?.cluster === 'galera';
  }

  #isByNumbersOfAll({ method: { kind } }: Route): boolean {
    const { facts } = this.#options.source;
    if (facts?.cluster === 'group-replication') return kind === 'mysql-gtid';
    return facts?.cluster === 'galera' && facts.wsrepGtid != null && kind === 'mariadb-gtid';
  }
}

function wereApart(source: string, target: string): string {
  return `${source} and ${target} took part in two halves of their cluster, and what each half wrote alone has numbers that the other gave to other changes: whether both hold the same is not known until all tables were compared`;
}

function readsFromOther(source: string, target: string, other: string): string {
  return `${source} and ${other} took part in two halves of their cluster, and what each half wrote alone has numbers that the other gave to other changes: whether ${target} got those of ${source} is not known until all tables were compared`;
}

function wentOver(source: string, target: string, other: string): string {
  return `${source} went over from one half of its cluster to that of ${other}, which gave other changes the numbers of what ${target} got from ${source}: whether ${source} has those still is not known until all tables were compared`;
}

function missedIn(source: string, target: string, other: string): string {
  return `${target} and ${other} took part in two halves of their cluster, and what each half wrote alone has numbers that the other gave to other changes: whether ${target} got all that came from ${source} is not known until all tables were compared`;
}
