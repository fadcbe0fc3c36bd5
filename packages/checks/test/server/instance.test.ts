import { describe, expect, test } from 'vitest';
import { areOne, areTwo, instanceFrom, instanceText } from '../../src/server/instance.ts';
import { oneServer } from '../../src/server/one-server.ts';
import { Whereabouts } from '../../src/server/whereabouts.ts';
import { facts } from '../support/replication.ts';

const of = (parts: Record<string, string>) => instanceFrom(new Map(Object.entries(parts)));
const uuid = { server_uuid: 'u1' };

describe('two instances', () => {
  test.each([
    ['what neither tells', {}, {}],
    ['empty names', { server_uuid: '', hostname: '' }, { server_uuid: '', hostname: '' }],
    ['zeros', { server_id: '0', port: '0' }, { server_id: '0', port: '0' }],
    ['numbers that every server has', { server_id: '1', port: '3306' }, { server_id: '1', port: '3306' }],
    ['a part that one of them does not tell', uuid, { server_id: '1' }],
  ])('are neither one nor two by %s', (_, one, other) => {
    expect([areOne(of(one), of(other)), areTwo(of(one), of(other))]).toEqual([false, false]);
  });

  test.each([
    [
      'nodes of a cluster with one uuid',
      { ...uuid, aurora_server_id: 'a' },
      { ...uuid, aurora_server_id: 'b' },
    ],
    ['copies of data on two hosts', { ...uuid, hostname: 'a' }, { ...uuid, hostname: 'b' }],
    ['two on one host', { server_id: '1', port: '1' }, { server_id: '1', port: '2' }],
  ])('are two: %s', (_, one, other) => {
    expect([areOne(of(one), of(other)), areTwo(of(one), of(other))]).toEqual([false, true]);
  });

  test.each([
    ['a uuid', uuid, { ...uuid, hostname: 'h' }],
    [
      'a number, a host and a port',
      { server_id: '1', hostname: 'h', port: '1' },
      { server_id: '1', hostname: 'h', port: '1' },
    ],
  ])('are one by %s', (_, one, other) => {
    expect([areOne(of(one), of(other)), areTwo(of(one), of(other))]).toEqual([true, false]);
  });
});

test('servers that do not say which they are are not called one', () => {
  const nobody = facts('mysql', { identity: '0', uuid: '', instance: {} });
  expect(oneServer({ name: 'a', facts: nobody }, { name: 'b', facts: nobody })).toBeNull();
});

describe('where an address leads', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => of({ server_uuid: name, hostname: name })) as [
    Record<string, string>,
    Record<string, string>,
    Record<string, string>,
  ];
  const led = (...to: [Record<string, string>, number][]) => {
    const whereabouts = new Whereabouts();
    for (const [instance, at] of to) whereabouts.saw(instance, at);
    return whereabouts.balancing;
  };

  test('a move, and a move back, is none that balances', () => {
    expect(led([a, 0], [b, 1], [b, 2], [a, 3])).toBeNull();
    expect(led([a, 0], [b, 1], [c, 2])).toBeNull();
  });

  test('three moves to and fro within a minute are', () => {
    expect(led([a, 0], [b, 1], [a, 2], [b, 3])).toMatch(/\(2 seen: a, b\)/);
    expect(led([a, 0], [b, 1], [c, 2], [a, 3])).toMatch(/\(3 seen: a, b, c\)/);
  });

  test('and not within hours', () => {
    expect(led([a, 0], [b, 1], [a, 3_600_000], [b, 7_200_000])).toBeNull();
  });
});

test('an instance is called by its host and port, or by what a provider calls it', () => {
  expect(instanceText({ ...uuid, hostname: 'h', port: '3306' })).toBe('h:3306');
  expect(instanceText({ ...uuid, aurora_server_id: 'blue-1', hostname: 'h' })).toBe('blue-1');
  expect(instanceText({})).toBe('one that does not say which it is');
});
