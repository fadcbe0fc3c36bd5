import { expect, test } from 'vitest';
import type { Position } from '../../src/position/position.ts';
import { unappliedBy as unappliedByChannels } from '../../src/position/unapplied.ts';
import { channel } from '../support/replication.ts';

const source: Position = { kind: 'mariadb-gtid', text: '1-11-5', state: '1-11-5,2-22-6' };
const unappliedBy = (
  ...[pairs, channels, at]: [
    Parameters<typeof channel>[0] & object,
    ReturnType<typeof channel>[],
    Position | null,
  ]
) => unappliedByChannels(channel(pairs), channels, at, (name) => name === 'overlapping');
const own = channel({ name: 'own' });
const other = (name: string, value: string) => channel({ name: 'other', filters: [{ name, value }] });
const why = (filter: string) => `what its channel "other" leaves out (${filter}) counts as applied`;

test.each([
  ['Replicate_Ignore_Domain_Ids', '2'],
  ['Replicate_Do_Domain_Ids', '1'],
  ['Replicate_Ignore_Server_Ids', '22'],
])('what another channel leaves out by %s of what the source has counts as applied', (name, value) => {
  expect(unappliedBy(own, [own, other(name, value)], source)).toBe(why(`${name}=${value}`));
});

test.each([
  ['Replicate_Ignore_Domain_Ids', '3'],
  ['Replicate_Do_Domain_Ids', '1, 2'],
  ['Replicate_Ignore_Server_Ids', '33'],
  ['Replicate_Do_DB', 'shop'],
])('what it does not leave out, or not as such, does not: %s=%s', (name, value) => {
  expect(unappliedBy(own, [own, other(name, value)], source)).toBeNull();
});

test('what the pair’s own channel leaves out, too, is not waited for by it', () => {
  const filters = [{ name: 'Replicate_Ignore_Domain_Ids', value: '2' }];
  const leavesOut = channel({ name: 'own', filters });
  expect(unappliedBy(leavesOut, [leavesOut], source)).toBeNull();
  expect(unappliedBy(leavesOut, [leavesOut, channel({ name: 'other', filters })], source)).toBeNull();
});

test('where no binlog tells whose its transactions are, the newest tell it; without a position nothing does', () => {
  const ignoring = other('Replicate_Ignore_Domain_Ids', '1');
  expect(unappliedBy(own, [ignoring], { kind: 'mariadb-gtid', text: '1-11-5' })).not.toBeNull();
  expect(unappliedBy(own, [ignoring], { kind: 'mysql-gtid', text: '' })).toBeNull();
  expect(unappliedBy(own, [ignoring], null)).toBeNull();
});

test('what it leaves out of tables counts where it may bring what the source writes', () => {
  const filters = [{ name: 'Replicate_Wild_Do_Table', value: 'shop.%' }];
  const overlapping = channel({ name: 'overlapping', filters });
  expect(unappliedBy(own, [overlapping], source)).toBe(
    'what its channel "overlapping" leaves out (Replicate_Wild_Do_Table=shop.%) counts as applied',
  );
  expect(unappliedBy(own, [overlapping], { kind: 'mariadb-gtid', text: '' })).toBeNull();
  const rewriting = channel({
    name: 'overlapping',
    filters: [{ name: 'Replicate_Rewrite_DB', value: 'a->b' }],
  });
  expect(unappliedBy(own, [rewriting], source)).toBeNull();
});
