import { expect, test } from 'vitest';
import { BegunWithout } from '../../src/lag/begun-without.ts';
import type { PositionSample } from '../../src/lag/position-sample.ts';
import type { Membership } from '../../src/position/membership.ts';

const group = 'aaaaaaaa-0000-0000-0000-000000000000';
const of = (numbers: string) => `${group}:${numbers}`;

/** A group of three, of which n3 lacks what the others have. */
function watched() {
  const without = new BegunWithout();
  let clock = 0;
  const look = (server: string, numbers: string, says: Partial<Membership> = {}) => {
    const history = of(numbers);
    const position = { kind: 'mysql-gtid' as const, text: history };
    const at = clock++;
    without.take(server, server, {
      sentAt: at,
      receivedAt: at + 0.5,
      gtid: { source: position, applied: position, history },
      membership: { kind: 'group-replication', group, standing: 'in', view: null, ...says },
      binlog: null,
      places: null,
    } as unknown as PositionSample);
  };
  const alone = { lineage: 'second', number: 1n, size: 1, members: [] };
  return { without, look, alone };
}

function begunAnew() {
  const { without, look, alone } = watched();
  for (const server of ['n1', 'n2']) look(server, '1-5');
  look('n3', '1-2', { standing: 'left', kept: of('1-2') });
  look('n3', '1-2', { view: alone });
  expect(without.between('n1', 'n3')).toBeNull();
  look('n3', '1-8', { view: alone });
  return { without, look };
}

test('who has what a group was begun anew without says nothing beside who has the numbers of others', () => {
  const { without } = begunAnew();
  expect(without.between('n1', 'n3')).toContain('begun anew by n3 without');
  expect(without.between('n3', 'n2')).toContain('which n2 has');
  expect(without.between('n1', 'n2')).toBeNull();
});

test('two that were found to hold the same are believed beside each other, and others are not', () => {
  const { without, look } = begunAnew();
  without.settle('n3', 'n1');
  look('n1', '1-9');
  expect(without.between('n1', 'n3')).toBeNull();
  expect(without.between('n2', 'n3')).not.toBeNull();
  // n2 has what was lost still, and n1 has not.
  expect(without.between('n1', 'n2')).not.toBeNull();
});

test('who is set up anew has of the numbers what they are now', () => {
  const { without, look } = begunAnew();
  look('n1', '1-2');
  look('n1', '1-9');
  expect(without.between('n1', 'n3')).toBeNull();
});

test('of two that have what their group was begun anew without, one may have more of that than the other', () => {
  const { without, look, alone } = watched();
  look('n1', '1-5');
  look('n2', '1-4');
  look('n3', '1-2', { standing: 'left', kept: of('1-2') });
  look('n3', '1-8', { view: alone });
  for (const server of ['n1', 'n2']) look(server, '1-8');
  for (const [one, other] of [
    ['n1', 'n2'],
    ['n2', 'n1'],
  ] as const) {
    expect(without.between(one, other)).toMatch(/without aaaaaaaa-\S*:5, which n1 has/);
  }
});
