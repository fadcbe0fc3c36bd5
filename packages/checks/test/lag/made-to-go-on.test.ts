import { expect, test } from 'vitest';
import { MadeToGoOn } from '../../src/lag/made-to-go-on.ts';
import type { Membership } from '../../src/position/membership.ts';

function watched() {
  const told = new MadeToGoOn();
  const look = (server: string, number: number, members: string[], size = members.length) =>
    told.take(server, {
      kind: 'galera',
      group: 'g',
      standing: 'in',
      address: `${server}:1`,
      view: { lineage: '', number: BigInt(number), size, members: members.map((name) => `${name}:1`) },
    } as unknown as Membership);
  const cutOff = (server: string) =>
    told.take(server, {
      kind: 'galera',
      group: 'g',
      standing: 'no-quorum',
      address: `${server}:1`,
      view: null,
    } as unknown as Membership);
  const all = ['n1', 'n2', 'n3', 'n4'];
  for (const server of all) look(server, 4, all);
  return { told, look, cutOff };
}

test('members that were cut off and are half of their group or less were told to go on, once nobody else does', () => {
  const { told, look, cutOff } = watched();
  for (const server of ['n3', 'n4']) cutOff(server);
  expect(look('n3', 5, ['n3', 'n4'])).toBe(false);
  told.fault('n1');
  expect(look('n3', 5, ['n3', 'n4'])).toBe(false);
  told.fault('n2');
  expect(look('n3', 5, ['n3', 'n4'])).toBe(true);
  expect(look('n3', 5, ['n3', 'n4'])).toBe(false);
});

test('who comes back to others, or to most of its group, was told nothing', () => {
  const { told, look, cutOff } = watched();
  for (const server of ['n1', 'n2']) told.fault(server);
  cutOff('n4');
  expect(look('n4', 6, ['n3', 'n4'])).toBe(false);
  cutOff('n4');
  cutOff('n3');
  expect(look('n4', 7, ['n1', 'n3', 'n4'])).toBe(false);
  expect(look('n4', 8, ['n4'])).toBe(false);
});
