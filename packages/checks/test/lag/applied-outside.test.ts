import { expect, test } from 'vitest';
import { AppliedOutside } from '../../src/lag/applied-outside.ts';
import type { Membership } from '../../src/position/membership.ts';
import type { Position } from '../../src/position/position.ts';

type Standing = Membership['standing'];

function watched() {
  const outside = new AppliedOutside();
  const look = (standing: Standing | null, applied: string, kind: Membership['kind'] = 'galera') => {
    const position: Position = { kind: 'mariadb-gtid', text: applied };
    outside.take('n1', standing && { kind, standing }, position);
  };
  return { outside, look, back: () => [...outside.back].map(({ applied }) => applied.text) };
}

test('what a node applied while it was out is told when it is back, as the same object until it is so again', () => {
  const { outside, look, back } = watched();
  for (const [standing, applied] of [
    ['in', '5-1-3'],
    ['left', '5-1-3'],
    ['left', '5-1-7'],
  ] as const) {
    look(standing, applied);
    expect(back()).toEqual([]);
  }
  look('joining', '5-1-7');
  expect(back()).toEqual([]);
  look('in', '5-1-8');
  expect(back()).toEqual(['5-1-7']);
  const [first] = outside.back;
  look('in', '5-1-9');
  expect([...outside.back][0]).toBe(first);
  look('left', '5-1-9');
  look('left', '5-1-10');
  look('donor', '5-1-10');
  expect(back()).toEqual(['5-1-10']);
});

test('who applied nothing while it was out, or is cut off, or no node of Galera, brings nothing back', () => {
  const { outside, look, back } = watched();
  for (const [standing, applied] of [
    ['left', '5-1-3'],
    ['in', '5-1-4'],
    ['no-quorum', '5-1-4'],
    ['no-quorum', '5-1-9'],
    ['in', '5-1-9'],
  ] as const) {
    look(standing, applied);
  }
  look('left', '5-1-9', 'group-replication');
  look('left', '5-1-12', 'group-replication');
  look('in', '5-1-12', 'group-replication');
  expect(back()).toEqual([]);
  look('left', '5-1-12');
  look('left', '5-1-14');
  outside.forget('n1');
  look('in', '5-1-14');
  expect(back()).toEqual([]);
});
