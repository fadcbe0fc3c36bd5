import type { Group } from '#lib/api/documents/group.ts';
import type { Pair } from '#lib/api/documents/pair.ts';

export type Grouping = 'source' | 'cluster' | `label:${string}`;
type Grouped = Pick<Pair, 'source' | 'target' | 'labels'>;

/** By what these pairs can be put together, with the word for it. */
export function groupings(
  pairs: readonly Grouped[],
  clusters: Iterable<Group>,
): ReadonlyMap<Grouping, string> {
  const names = new Set(pairs.flatMap(({ labels }) => labels.map(({ name }) => name)));
  return new Map<Grouping, string>([
    ['source', 'By source'],
    ...([...clusters].length > 0 ? [['cluster', 'By cluster'] as const] : []),
    ...[...names].sort().map((name) => [`label:${name}`, `By ${name}`] as const),
  ]);
}

/** The pairs of each group, in the order in which their first one comes; what belongs to none comes last. */
export function grouped<T>(
  items: readonly T[],
  pairOf: (item: T) => Grouped,
  by: Grouping,
  clusters: Iterable<Group>,
): ReadonlyMap<string, readonly T[]> {
  const clusterOf = new Map(
    [...clusters].flatMap(({ name, members }) => members.map(({ server }) => [server.name, name] as const)),
  );
  const nameOf = ({ source, target, labels }: Grouped): string | undefined => {
    if (by === 'source') return source.name;
    if (by === 'cluster') return clusterOf.get(target.name) ?? clusterOf.get(source.name);
    const name = by.slice('label:'.length);
    const value = labels.find((label) => label.name === name)?.value;
    return value === undefined ? undefined : `${name}=${value}`;
  };
  const groups = new Map<string, T[]>();
  const rest: T[] = [];
  for (const item of items) {
    const name = nameOf(pairOf(item));
    const group = name === undefined ? rest : (groups.get(name) ?? []);
    group.push(item);
    if (name !== undefined) groups.set(name, group);
  }
  if (rest.length > 0) groups.set(by === 'cluster' ? 'In no cluster' : `Without ${by.slice(6)}`, rest);
  return groups;
}
