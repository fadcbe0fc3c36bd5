import { describe, expect, test } from 'vitest';
import type { Group } from '#lib/api/documents/group.ts';
import { grouped, type Grouping, groupings } from '#lib/screens/overview/pair-groups.ts';

const pair = (source: string, target: string, labels: Record<string, string> = {}) => ({
  source: { name: source },
  target: { name: target },
  labels: Object.entries(labels).map(([name, value]) => ({ name, value })),
});
const cluster = (name: string, ...servers: string[]) =>
  ({ name, members: servers.map((server) => ({ server: { name: server } })) }) as Group;

describe('pairs in groups', () => {
  const pairs = [
    pair('b', 'b1', { env: 'prod' }),
    pair('a', 'a1'),
    pair('a', 'a2', { env: 'test', team: 'shop' }),
    pair('b', 'b2', { env: 'prod' }),
  ];
  const clusters = [cluster('g', 'a1', 'a2')];
  const targets = (by: Grouping) =>
    [...grouped(pairs, (each) => each, by, clusters)].map(([name, group]) => [
      name,
      group.map(({ target }) => target.name).join(' '),
    ]);

  test('can be put together by source, by cluster and by each label', () => {
    expect([...groupings(pairs, clusters).keys()]).toEqual(['source', 'cluster', 'label:env', 'label:team']);
    expect([...groupings(pairs.slice(1, 2), []).keys()]).toEqual(['source']);
  });

  test('keep their order, and that of the first of each group', () => {
    expect(targets('source')).toEqual([
      ['b', 'b1 b2'],
      ['a', 'a1 a2'],
    ]);
  });

  test('that belong to none come last, and are said to', () => {
    expect(targets('label:env')).toEqual([
      ['env=prod', 'b1 b2'],
      ['env=test', 'a2'],
      ['Without env', 'a1'],
    ]);
    expect(targets('cluster')).toEqual([
      ['g', 'a1 a2'],
      ['In no cluster', 'b1 b2'],
    ]);
  });
});
