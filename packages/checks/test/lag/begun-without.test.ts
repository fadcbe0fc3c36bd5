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

test('who comes from a group of its own to those that went on beside it keeps what it had, whoever was heard first', () => {
  const members = ['n1:1', 'n3:1'];
  for (const order of [
    ['n1', 'n3'],
    ['n3', 'n1'],
  ]) {
    const { without, look } = watched();
    const says = (server: string, lineage: string, number: bigint, who: string[]) => ({
      address: `${server}:1`,
      view: { lineage, number, size: who.length, members: who },
    });
    for (const server of ['n1', 'n3']) look(server, '1-5', says(server, 'first', 3n, members));
    look('n3', '1-5', { standing: 'left', kept: of('1-5'), address: 'n3:1' });
    look('n3', '1-5', says('n3', 'second', 1n, ['n3:1']));
    look('n3', '1-8', says('n3', 'second', 1n, ['n3:1']));
    look('n3', '1-8', { standing: 'left', kept: of('1-8'), address: 'n3:1' });
    for (const server of order) look(server, '1-9', says(server, 'first', 5n, members));
    look('n1', '1-10', says('n1', 'first', 5n, members));
    expect(without.wereBeside('n1', 'n3')).toMatch(
      /begun anew by n3 while others went on .* each gave \S+:6-8 to changes of its own/,
    );
    expect(without.between('n1', 'n3')).toBeNull();
    without.settle('n1', 'n3');
    expect(without.wereBeside('n1', 'n3')).toBeNull();
  }
});
