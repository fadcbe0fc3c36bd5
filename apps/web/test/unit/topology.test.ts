import { describe, expect, test } from 'vitest';
import type { Channel, Replication } from '#lib/api/documents/replication.ts';
import { placesOf, sameTopology, topologyOf } from '#lib/state/topology.ts';

const server = (name: string, identity: string | null = null) => ({
  name,
  address: `${name}:3306`,
  identity,
});

/** A pair whose target reads by one channel, as the target tells. */
function pair(source: string, target: string, told: Partial<Channel> | null) {
  const channel = told && { name: '', sourceHost: source, sourcePort: 3306, sourceIdentity: null, ...told };
  const replication = { channel: channel && { name: channel.name }, channels: channel ? [channel] : [] };
  return { name: `${source}-${target}`, source, target, replication: replication as unknown as Replication };
}

test('a topology is another one when what is drawn of it changes, not when a channel only goes on', () => {
  const of = (told: Partial<Channel>, ...more: string[]) =>
    topologyOf([server('a'), server('b'), ...more.map((name) => server(name))], [pair('a', 'b', told)]);
  const before = of({ receiver: 'RUNNING', applier: 'RUNNING', receivedGtid: '0-1-1' });
  const goesOn = of({ receiver: 'RUNNING', applier: 'RUNNING', receivedGtid: '0-1-2' });
  expect(sameTopology(before, goesOn)).toBe(true);
  for (const other of [
    of({ receiver: 'RUNNING', applier: 'STOPPED' }),
    of({ receiver: 'CONNECTING', applier: 'RUNNING' }),
    of({ receiver: 'RUNNING', applier: 'RUNNING', name: 'other' }),
    of({ receiver: 'RUNNING', applier: 'RUNNING', sourceHost: 'b' }),
    of({ receiver: 'RUNNING', applier: 'RUNNING' }, 'c'),
  ]) {
    expect(sameTopology(before, other)).toBe(false);
  }
});

describe('who reads from whom', () => {
  test('is told by identity, then by address', () => {
    const servers = [server('a', 'uuid-a'), server('b'), server('c')];
    const { edges } = topologyOf(servers, [
      pair('a', 'b', { sourceHost: '10.0.0.7', sourceIdentity: 'uuid-a' }),
      pair('a', 'c', { sourceHost: 'b' }),
    ]);
    expect(edges.map(({ from, to, pair, channel }) => [from, to, pair, channel !== null])).toEqual([
      ['a', 'b', 'a-b', true],
      ['b', 'c', null, true],
      ['a', 'c', 'a-c', false],
    ]);
  });

  test('is no name that two servers have', () => {
    const servers = [server('a', '1'), server('x', '1'), server('b')];
    const { edges } = topologyOf(servers, [pair('a', 'b', { name: 'own', sourceIdentity: '1' })]);
    expect(edges).toMatchObject([{ from: 'a', to: 'b' }]);
  });

  test('has a server that nobody watches under what its replica calls it', () => {
    const one = pair('a', 'b', { name: 'other', sourceHost: 'elsewhere', sourcePort: 3307 });
    one.replication = { ...one.replication, channel: null };
    expect(topologyOf([server('a'), server('b')], [one]).nodes).toEqual(['a', 'b', 'elsewhere:3307']);
  });
});

describe('a place of a server', () => {
  const chain = [pair('a', 'b', {}), pair('b', 'c', {}), pair('a', 'd', {})];
  const servers = ['a', 'b', 'c', 'd'].map((name) => server(name));

  test('is right of what it reads from, and no two are the same', () => {
    const places = placesOf(topologyOf(servers, chain));
    const columns = Object.fromEntries([...places].map(([name, { column }]) => [name, column]));
    expect(columns).toEqual({ a: 0, b: 1, c: 2, d: 1 });
    expect(new Set([...places.values()].map((place) => JSON.stringify(place))).size).toBe(4);
  });

  test('is found in a ring, too', () => {
    const ring = [pair('a', 'b', {}), pair('b', 'c', {}), pair('c', 'a', {})];
    const places = placesOf(topologyOf(servers.slice(0, 3), ring));
    expect([...places].sort().map(([name, { column }]) => [name, column])).toEqual([
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ]);
  });

  test('a source of many replicas stands near the first of them, and what is troubled above all else', () => {
    const names = Array.from({ length: 49 }, (_, i) => `r${String(i).padStart(2, '0')}`);
    const edges = names.map((to) => ({ from: 'source', to, channel: null, pair: to }));
    const wide = { nodes: ['other', 'source', ...names], edges };
    const calm = placesOf(wide);
    expect(calm.get('source')?.row).toBe(calm.get('r00')!.row + 3);
    const places = placesOf(wide, (name) => name === 'r40');
    expect(places.get('r40')).toEqual({ column: 1, row: 0 });
    expect(places.get('source')?.row).toBe(3);
    expect(places.get('other')?.row).toBeGreaterThan(48);
    expect([...places.keys()].slice(0, 3)).toEqual(['source', 'r40', 'r00']);
  });
});
