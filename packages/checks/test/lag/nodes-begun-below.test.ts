import { expect, test } from 'vitest';
import { NodesBegunBelow } from '../../src/lag/nodes-begun-below.ts';
import type { PositionSample } from '../../src/lag/position-sample.ts';

const group = 'aaaaaaaa-0000-0000-0000-000000000000';

interface Says {
  view: number;
  /** By name, as it lists them. */
  members: string[];
  binlog?: string;
  standing?: string;
}

function watched() {
  const nodes = new NodesBegunBelow();
  let clock = 0;
  const look = (
    server: string,
    seqno: number,
    { view, members, binlog = `0-1-${seqno}`, standing = 'in' }: Says,
  ) => {
    const at = clock++;
    nodes.take(server, server, {
      sentAt: at,
      receivedAt: at + 0.5,
      gtid: { history: binlog },
      membership: {
        kind: 'galera',
        group,
        address: `${server}:1`,
        standing,
        view: {
          lineage: '',
          number: BigInt(view),
          size: members.length,
          members: members.map((name) => `${name}:1`),
        },
        position: { kind: 'galera', text: `${group}:${seqno}`, group, seqno: BigInt(seqno) },
      },
    } as unknown as PositionSample);
  };
  return { nodes, look };
}

/** n3 stopped at 20; then n1 came to 30, and n2 to 28. The cluster is begun anew from n3. */
function begunAnew(firstSeenAt = 21) {
  const { nodes, look } = watched();
  look('n1', 20, { view: 3, members: ['n1', 'n2', 'n3'] });
  look('n3', 20, { view: 3, members: ['n1', 'n2', 'n3'] });
  look('n2', 28, { view: 4, members: ['n1', 'n2'] });
  look('n1', 30, { view: 5, members: ['n1'] });
  look('n3', firstSeenAt, { view: 1, members: ['n3'] });
  for (const server of ['n1', 'n2']) nodes.fault(server);
  const back = (server: string, seqno: number, binlog?: string) =>
    look(server, seqno, { view: 2, members: ['n3', server], ...(binlog !== undefined && { binlog }) });
  return { nodes, look, back };
}

test('a node that is back with numbers which its cluster gave again says nothing beside those that lack what it had', () => {
  const { nodes, back } = begunAnew();
  expect(nodes.between('n1', 'n3', 'p')).toBeNull();
  back('n1', 40);
  expect(nodes.between('n1', 'n3', 'p')).toMatch(
    /begun anew by n3 from number 20, .*: n1 had changes with those up to 30, and n3 has others from 21 on/,
  );
  expect(nodes.between('n3', 'n1', 'p')).toBe(nodes.between('n1', 'n3', 'p'));
});

test('of two that had more than their cluster was begun anew with, one may have had more than the other', () => {
  const { nodes, back } = begunAnew();
  back('n1', 40);
  back('n2', 40);
  expect(nodes.between('n1', 'n2', 'p')).toContain(
    'n1 had changes with those up to 30, and n2 has others from 29 on',
  );
});

test('that the first node had written much when it was seen hides nothing of what others had without it', () => {
  const { nodes, back } = begunAnew(60);
  back('n1', 61);
  expect(nodes.between('n1', 'n3', 'p')).toContain('from number 20');
});

test('a node that is copied whole has nothing of that: its numbers went back, or its binlog forgot some', () => {
  for (const [seqno, binlog] of [
    [25, '0-1-30'],
    [40, '0-1-20,0-3-40'],
  ] as const) {
    const { nodes, back } = begunAnew();
    back('n1', seqno, binlog);
    back('n1', 50, '0-3-50');
    expect(nodes.between('n1', 'n3', 'p')).toBeNull();
  }
});

test('a run that found all tables of a pair to match ends it for that pair', () => {
  const { nodes, back } = begunAnew();
  back('n1', 40);
  nodes.settle('n3', 'n1', 'p');
  expect(nodes.between('n1', 'n3', 'p')).toBeNull();
  expect(nodes.between('n1', 'n3', 'other')).not.toBeNull();
});

test('a cluster that is begun anew from who stopped last lost nothing, nor who comes back to it', () => {
  const { nodes, look } = begunAnew();
  const lasting = watched();
  lasting.look('n1', 20, { view: 3, members: ['n1', 'n2'] });
  lasting.look('n2', 20, { view: 3, members: ['n1', 'n2'] });
  lasting.look('n1', 25, { view: 4, members: ['n1'] });
  for (const server of ['n1', 'n2']) lasting.nodes.fault(server);
  lasting.look('n1', 26, { view: 1, members: ['n1'] });
  lasting.look('n2', 40, { view: 2, members: ['n1', 'n2'] });
  lasting.look('n1', 41, { view: 2, members: ['n1', 'n2'] });
  expect(lasting.nodes.between('n1', 'n2', 'p')).toBeNull();
  // Nor is one that comes to others the first.
  look('n3', 50, { view: 2, members: ['n3', 'n4'] });
  look('n4', 50, { view: 2, members: ['n3', 'n4'] });
  expect(nodes.between('n3', 'n4', 'p')).toBeNull();
});

test('who goes on in the cluster that one was begun beside lost nothing, also when that one comes back to them', () => {
  const { nodes, look } = watched();
  for (const server of ['n1', 'n2', 'n3']) look(server, 20, { view: 3, members: ['n1', 'n2', 'n3'] });
  look('n1', 30, { view: 4, members: ['n1', 'n2'] });
  look('n2', 29, { view: 4, members: ['n1', 'n2'] });
  nodes.fault('n3');
  look('n3', 21, { view: 1, members: ['n3'] });
  const told = () => nodes.between('n1', 'n2', 'p');
  look('n1', 31, { view: 4, members: ['n1', 'n2'] });
  look('n2', 33, { view: 4, members: ['n1', 'n2'] });
  expect(told()).toBeNull();
  nodes.fault('n3');
  for (const server of ['n1', 'n3', 'n2']) look(server, 40, { view: 5, members: ['n1', 'n2', 'n3'] });
  expect(told()).toBeNull();
  nodes.fault('n1');
  look('n2', 50, { view: 6, members: ['n2', 'n3'] });
  look('n1', 55, { view: 7, members: ['n1', 'n2', 'n3'] });
  look('n2', 56, { view: 7, members: ['n1', 'n2', 'n3'] });
  expect(told()).toBeNull();
});

/** Of three, n3 is begun from beside the others, of which nobody hears meanwhile, and writes so much. */
function besideUnheard(wrote: number) {
  const { nodes, look } = watched();
  const all = ['n1', 'n2', 'n3'];
  for (const server of all) look(server, 20, { view: 3, members: all });
  for (const server of all) nodes.fault(server);
  look('n3', 21, { view: 1, members: ['n3'] });
  look('n3', 21 + wrote, { view: 1, members: ['n3'] });
  nodes.fault('n3');
  const back = (...servers: string[]) => {
    for (const server of servers) look(server, 40, { view: 5, members: all });
  };
  return { nodes, look, back };
}

test('who comes from a cluster of its own to those that went on beside it keeps what it had, whoever was heard first', () => {
  for (const order of [
    ['n1', 'n2', 'n3'],
    ['n3', 'n1', 'n2'],
    ['n1', 'n3', 'n2'],
  ]) {
    const { nodes, back } = besideUnheard(4);
    back(...order);
    for (const other of ['n1', 'n2']) {
      expect(nodes.between(other, 'n3', 'p')).toMatch(
        /begun anew by n3 from number 20, while others went on .*: n3 had changes with those up to 25, and n\d has others from 21 on/,
      );
    }
    expect(nodes.between('n1', 'n2', 'p')).toBeNull();
    back('n3', 'n2', 'n1');
    expect(nodes.between('n1', 'n3', 'p')).not.toBeNull();
    nodes.settle('n1', 'n3', 'p');
    expect(nodes.between('n1', 'n3', 'p')).toBeNull();
  }
  const { nodes, back } = besideUnheard(0);
  back('n1', 'n3', 'n2');
  expect(nodes.between('n1', 'n3', 'p')).toBeNull();
});

test('those that come to the one that a cluster was begun anew from are of it, though all were silent for a while', () => {
  const { nodes, look } = watched();
  const all = ['n1', 'n2', 'n3'];
  for (const server of all) look(server, 20, { view: 6, members: all });
  for (const server of all) nodes.fault(server);
  look('n3', 21, { view: 1, members: ['n3'] });
  look('n3', 25, { view: 1, members: ['n3'] });
  for (const server of all) nodes.fault(server);
  for (const server of all) look(server, 30, { view: 3, members: all });
  for (const server of all) nodes.fault(server);
  look('n1', 31, { view: 1, members: ['n1'] });
  for (const server of ['n3', 'n2']) look(server, 40, { view: 3, members: all });
  for (const [a, b] of [
    ['n1', 'n3'],
    ['n1', 'n2'],
    ['n2', 'n3'],
  ] as const) {
    expect(nodes.between(a, b, 'p')).toBeNull();
  }
});

test('a copy of a node that has what its cluster was begun anew without has that as well', () => {
  for (const [standing, doubted] of [
    ['donor', true],
    ['in', false],
  ] as const) {
    const { nodes, look, back } = begunAnew();
    back('n1', 40);
    nodes.fault('n2');
    look('n1', 40, { view: 2, members: ['n3', 'n1'], standing });
    look('n2', 25, { view: 3, members: ['n1', 'n2', 'n3'] });
    expect(nodes.between('n2', 'n3', 'p') !== null).toBe(doubted);
    expect(nodes.between('n2', 'n1', 'p') === null).toBe(doubted);
  }
});
