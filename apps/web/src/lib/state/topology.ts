import type { Channel, Replication } from '#lib/api/documents/replication.ts';
import { byText } from '#lib/format/order.ts';

interface WatchedServer {
  name: string;
  /** `host:port` */
  address: string;
  identity: string | null;
}

interface WatchedPair {
  name: string;
  source: string;
  target: string;
  replication: Replication | null;
}

/** What leads from one server to another. */
export interface TopologyEdge {
  from: string;
  to: string;
  /** Null where two servers are compared and no channel between them is known. */
  channel: Channel | null;
  /** Of `to`: the pair that compares it with `from`; null when none does. */
  pair: string | null;
}

export interface Topology {
  /** Names of servers; of one that is not watched what its replicas call it, `host:port`. */
  nodes: readonly string[];
  edges: readonly TopologyEdge[];
}

/**
 * Who reads from whom, as the replicas tell it. A channel's source is known by its identity, or by its address, or
 * because it is the channel of a pair; else it is a server that nobody watches.
 */
export function topologyOf(servers: readonly WatchedServer[], pairs: readonly WatchedPair[]): Topology {
  const byAddress = new Map(servers.map(({ address, name }) => [address, name]));
  const byIdentity = new Map<string, string | null>();
  for (const { identity, name } of servers) {
    // Two that say they are the same one name nobody.
    if (identity !== null) byIdentity.set(identity, byIdentity.has(identity) ? null : name);
  }
  const ends = (from: string, to: string) => JSON.stringify([from, to]);
  const byEnds = new Map(pairs.map(({ name, source, target }) => [ends(source, target), name]));
  const edges = new Map<string, TopologyEdge>();
  for (const { target, source, replication } of pairs) {
    for (const channel of replication?.channels ?? []) {
      const address = `${channel.sourceHost}:${channel.sourcePort}`;
      const from =
        (channel.sourceIdentity === null ? null : byIdentity.get(channel.sourceIdentity)) ??
        byAddress.get(address) ??
        (channel.name === replication?.channel?.name ? source : address);
      const pair = byEnds.get(ends(from, target)) ?? null;
      edges.set(ends(channel.name, target), { from, to: target, channel, pair });
    }
  }
  const all = [...edges.values()];
  const joined = new Set(all.map(({ from, to }) => ends(from, to)));
  for (const { name, source, target } of pairs) {
    if (!joined.has(ends(source, target))) {
      all.push({ from: source, to: target, channel: null, pair: name });
    }
  }
  const nodes = new Set([...servers.map(({ name }) => name), ...all.flatMap(({ from, to }) => [from, to])]);
  return { nodes: [...nodes].sort(byText), edges: all };
}

/** Whether the two are drawn and told alike. What only moves, such as a channel's position, makes no other topology. */
export function sameTopology(one: Topology, other: Topology): boolean {
  const alike = (a: TopologyEdge, b: TopologyEdge | undefined) =>
    a.from === b?.from &&
    a.to === b.to &&
    a.pair === b.pair &&
    a.channel?.name === b.channel?.name &&
    a.channel?.receiver === b.channel?.receiver &&
    a.channel?.applier === b.channel?.applier;
  return (
    one.nodes.length === other.nodes.length &&
    one.edges.length === other.edges.length &&
    one.nodes.every((name, i) => name === other.nodes[i]) &&
    one.edges.every((edge, i) => alike(edge, other.edges[i]))
  );
}

export interface Place {
  /** From the sources on, from 0. */
  column: number;
  /** From above; between two rows where a source stands in the middle of its replicas. */
  row: number;
}

/** A source of fifty replicas would stand in their middle where nobody sees it at first. */
const mostRowsBelowFirst = 3;

/**
 * Where each server is drawn: a column further right than what it reads from, each leaf in a row of its own; above
 * others what is `troubled`, or has such a server behind it. A ring begins with the first of its names, and its last
 * channel leads back. In the order in which it is read: what is above first, a source before its replicas.
 */
export function placesOf(
  { nodes, edges }: Topology,
  troubled: (node: string) => boolean = () => false,
): ReadonlyMap<string, Place> {
  const below = new Map<string, string[]>();
  const replicas = new Set(edges.flatMap(({ to, channel }) => (channel === null ? [] : to)));
  for (const { from, to, channel } of edges) {
    // By what is only compared, a replica of a replica would be drawn beside it.
    if (channel === null && replicas.has(to)) continue;
    const of = below.get(from) ?? [];
    of.push(to);
    below.set(from, of);
  }
  const led = new Set([...below].flatMap(([from, to]) => to.filter((each) => each !== from)));
  const trouble = new Map<string, boolean>();
  function isTrouble(node: string): boolean {
    const known = trouble.get(node);
    if (known !== undefined) return known;
    // In a ring it is asked for again before it is known.
    trouble.set(node, false);
    const found = troubled(node) || (below.get(node) ?? []).filter((each) => isTrouble(each)).length > 0;
    trouble.set(node, found);
    return found;
  }
  const inOrder = (names: readonly string[]) =>
    [...names].sort((a, b) => Number(isTrouble(b)) - Number(isTrouble(a)) || byText(a, b));
  const places = new Map<string, Place>();
  const seen = new Set<string>();
  let rows = 0;

  function put(node: string, column: number): number {
    seen.add(node);
    // Its row is known only after those of its replicas, its turn is before theirs.
    places.set(node, { column, row: rows });
    const ends: number[] = [];
    for (const each of inOrder(below.get(node) ?? [])) {
      if (!seen.has(each)) ends.push(put(each, column + 1));
    }
    const row =
      ends.length === 0 ? rows++ : Math.min((ends[0]! + ends.at(-1)!) / 2, ends[0]! + mostRowsBelowFirst);
    places.set(node, { column, row });
    return row;
  }

  const roots = inOrder(nodes.filter((each) => !led.has(each)));
  for (const node of [...roots, ...nodes]) if (!seen.has(node)) put(node, 0);
  return places;
}

/** By the server that it leads to. */
export function edgesByTarget({ edges }: Topology): ReadonlyMap<string, readonly TopologyEdge[]> {
  const by = new Map<string, TopologyEdge[]>();
  for (const edge of edges) {
    const of = by.get(edge.to) ?? [];
    of.push(edge);
    by.set(edge.to, of);
  }
  return by;
}
