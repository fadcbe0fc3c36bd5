import { expect, test } from 'vitest';
import { BegunAnew } from '../../src/lag/begun-anew.ts';
import { NumbersHad } from '../../src/lag/lost-numbers.ts';
import type { PositionSample } from '../../src/lag/position-sample.ts';
import type { ServerFacts } from '../../src/server/sql-server.ts';
import { facts } from '../support/replication.ts';
import { own, watched } from './watched-pair.ts';

const node = facts('mariadb', {
  cluster: 'galera',
  clusterName: 'shop',
  wsrepGtid: { cluster: '7', alone: '11' },
});

/** Nodes of a cluster and a replica of them all, which are looked at when the test says so. */
function nodes() {
  let now = 0;
  const anew = new BegunAnew();
  const replicas = new Map<string, NumbersHad>();
  /** A node has that number, and a view with these members; null: its number is not known yet. */
  const look = (
    name: string,
    view: number,
    members: string,
    number: number | null,
    { group = 'g', unlogged = '', ...but }: { group?: string; unlogged?: string } & Partial<ServerFacts> = {},
  ) => {
    now += 10;
    const text = number === null ? '' : `7-9-${number}`;
    anew.take(name, { ...node, ...but }, {
      sentAt: now - 5,
      receivedAt: now,
      gtid: { source: { kind: 'mariadb-gtid', text, ...(unlogged && { unlogged }) } },
      membership: {
        kind: 'galera',
        group,
        outside: number === null && unlogged === '' ? 'it is joining' : null,
        view: { lineage: '', number: BigInt(view), size: members.length, members: [...members] },
      },
    } as unknown as PositionSample);
  };
  const gone = (...names: string[]) => {
    now += 10;
    for (const name of names) anew.fault(name);
  };
  /** What is lost of what the replica has, by this source. */
  const replica = (number: number, source: string, { writer = 9, identity = 'r' } = {}) => {
    now += 10;
    let had = replicas.get(source);
    if (!had) replicas.set(source, (had = new NumbersHad()));
    const applied = { kind: 'mariadb-gtid' as const, text: `7-${writer}-${number}` };
    const lost = had.notice({ applied, at: now }, identity, source, anew);
    return lost && `${lost.from} of ${lost.had}`;
  };
  const ended = (number: number, has: number) => {
    for (const name of 'abc') look(name, 5, 'abc', has);
    for (const name of 'abc') replica(number, name);
    for (const name of 'abc') look(name, 5, 'abc', has);
    gone('a', 'b', 'c');
    for (const name of 'abc') replica(number, name);
  };
  return { anew, look, gone, replica, replicas, ended };
}

test('a cluster that is begun anew by a node that lacks what a replica has gives its numbers again', () => {
  const { look, replica, ended } = nodes();
  ended(100, 100);
  look('c', 1, 'c', 90);
  expect(replica(100, 'c')).toBe('90 of 100');
  expect(replica(100, 'a')).toBeNull();
  look('c', 1, 'c', 120);
  look('a', 2, 'ac', null);
  look('a', 2, 'ac', 121);
  look('b', 3, 'abc', 122);
  for (const name of 'abc') {
    replica(100, name);
    expect(replica(122, name), name).toBe('90 of 100');
  }
});

test('one that lost nothing gives no number again, whoever comes back, and however much is written at once', () => {
  const { look, replica, ended } = nodes();
  ended(100, 100);
  look('b', 1, 'b', 100);
  expect(replica(100, 'b')).toBeNull();
  look('b', 1, 'b', 130);
  look('a', 2, 'ab', 128);
  replica(130, 'a');
  look('c', 3, 'abc', 127);
  for (const name of 'abc') {
    replica(130, name);
    look(name, 3, 'abc', 128);
    expect(replica(130, name), name).toBeNull();
  }
});

test('where others are there already when it is seen first, the last numbers before its end tell', () => {
  const lost = nodes();
  lost.ended(100, 100);
  lost.look('c', 2, 'ac', null);
  lost.replica(100, 'c');
  lost.look('c', 2, 'ac', 95);
  expect(lost.replica(100, 'c')).toBe('95 of 100');

  const kept = nodes();
  kept.ended(100, 100);
  // What it gets of the new one by another node is of no look at the old one.
  kept.replica(140, 'c');
  kept.look('c', 2, 'ac', 139);
  expect(kept.replica(140, 'c')).toBeNull();
});

test('what a node has and does not log it has all the same; who tells of nothing says nothing', () => {
  const { look, replica, ended } = nodes();
  ended(100, 100);
  look('c', 1, 'c', 60, { unlogged: '7-9-100' });
  expect(replica(100, 'c')).toBeNull();
  const older = nodes();
  older.ended(100, 100);
  older.look('c', 1, 'c', 60, { version: [10, 5, 0] });
  expect(older.replica(100, 'c')).toBeNull();
  const silent = nodes();
  silent.ended(100, 100);
  silent.look('c', 1, 'c', null);
  expect(silent.replica(100, 'c')).toBeNull();
});

test('a node that was begun beside its cluster loses numbers alone, and none once it is back', () => {
  const { look, replica, gone } = nodes();
  for (const name of 'abc') look(name, 5, 'abc', 90);
  gone('c');
  for (const name of 'ab') look(name, 6, 'ab', 100);
  for (const name of 'abc') replica(100, name);
  look('c', 1, 'c', 90);
  expect(replica(100, 'c')).toBe('90 of 100');
  expect(replica(100, 'a')).toBeNull();
  gone('c');
  for (const name of 'abc') look(name, 7, 'abc', 101);
  for (const name of 'abc') expect(replica(101, name), name).toBeNull();
});

test('beside others that go on, one that is seen with a lower view and is not alone proves nothing', () => {
  const { look, replica, gone } = nodes();
  for (const name of 'abc') look(name, 5, 'abc', 100);
  replica(100, 'c');
  gone('c');
  for (const name of 'ab') look(name, 6, 'ab', 110);
  replica(110, 'c');
  look('c', 2, 'cd', 90);
  expect(replica(110, 'c')).toBeNull();
});

test('what was lost stays lost when the cluster is begun anew once more, and a copy of it is another one', () => {
  const { look, replica, gone, ended } = nodes();
  ended(100, 100);
  look('x', 1, 'x', 3, { clusterName: 'copy' });
  look('y', 1, 'y', 3, { group: 'h' });
  look('c', 1, 'c', 90);
  expect(replica(100, 'c')).toBe('90 of 100');
  look('c', 2, 'ac', 110);
  replica(110, 'c');
  gone('c');
  look('c', 1, 'c', 110);
  expect(replica(110, 'c')).toBe('90 of 100');
  expect(replica(110, 'a')).toBeNull();
});

test('a replica that was set up anew has what it has from then on', () => {
  const { look, replica, replicas, ended } = nodes();
  ended(100, 100);
  look('c', 1, 'c', 90);
  expect(replica(100, 'c')).toBe('90 of 100');
  replicas.get('c')!.reset();
  look('c', 1, 'c', 95);
  for (const number of [80, 95]) expect(replica(number, 'c')).toBeNull();
  look('c', 1, 'c', 96);
  expect(replica(96, 'c')).toBeNull();
});

test('a node that is watched no longer begins nothing', () => {
  const { anew, look, replica, ended } = nodes();
  ended(100, 100);
  look('c', 1, 'c', 90);
  anew.forget('c');
  expect(replica(100, 'c')).toBeNull();
  expect([...anew.numberings]).toEqual([]);
});

test('what the replica has of another writer in that domain, or another replica had, is not what was lost', () => {
  const { look, replica, ended } = nodes();
  ended(100, 100);
  replica(500, 'c', { writer: 8 });
  look('c', 1, 'c', 100);
  expect(replica(500, 'c', { writer: 8 })).toBeNull();
  const other = nodes();
  other.ended(100, 100);
  other.look('c', 1, 'c', 90);
  expect(other.replica(90, 'c', { identity: 's' })).toBeNull();
});

test('what positions say of a replica that has what was lost is not believed until it is set up anew', () => {
  const anew = new BegunAnew();
  const pair = watched({}, { groups: { begunAnew: anew } });
  const { source, wrote, has, reads, time, monitor } = pair;
  source.facts = { ...source.facts!, wsrepGtid: { cluster: '0', alone: '11' } };
  /** The only node that is left has that number, in this view. */
  const node = (view: number, members: string, number: number) => {
    const membership = {
      kind: 'galera',
      group: 'g',
      outside: null,
      view: { lineage: '', number: BigInt(view), size: members.length, members: [...members] },
    };
    wrote(number, { membership } as unknown as Partial<PositionSample>);
    anew.take('db1', source.facts!, pair.sourceSampler.latest!);
  };
  const settles = (view: number, members: string, number: number, applied = number) => {
    for (let look = 0; look < 4; look++) {
      node(view, members, number);
      has(applied);
      reads(own);
    }
  };
  settles(5, 'abc', 9);
  expect(has(9).lagMs).toBe(0);
  anew.fault('db1');
  has(12);
  time.now += 5000;
  node(1, 'a', 10);
  expect(has(12).evidence).toMatch(
    /^lag unknown: the cluster of db1 was begun anew without changes that db2 has, .* from number 10 of domain 0, and db2 had 12; /,
  );
  settles(1, 'a', 20);
  expect(monitor.state.state).toBe('unknown');
  settles(1, 'a', 20, 11);
  expect(has(11).lagMs).not.toBeNull();
  settles(1, 'a', 20);
  expect(has(20).lagMs).toBe(0);
});
