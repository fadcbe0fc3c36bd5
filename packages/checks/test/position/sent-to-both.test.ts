import { expect, test } from 'vitest';
import { formatMariadbGtids } from '../../src/position/mariadb-gtid-list.ts';
import type { Position } from '../../src/position/position.ts';
import { lacksOf, sentByOthers, sentToBoth } from '../../src/position/sent-to-both.ts';
import { channel } from '../support/replication.ts';

const at = (text: string, state = ''): Position => ({ kind: 'mariadb-gtid', text, state });
const ids = { has: '1', gets: '9' };
const sent = (has: Position, gets: Position, ...channels: Parameters<typeof channel>[0][]) =>
  formatMariadbGtids(sentToBoth(has, gets, channels.map(channel), ids));

test('what is of a server that the second reads from comes to it, and of nobody else', () => {
  expect(sent(at('0-2-5,7-3-4'), at(''), { sourceIdentity: '2' })).toBe('0-2-5');
  expect(sent(at('0-2-5'), at(''))).toBe('');
  expect(sent(at('0-2-5'), at(''), { sourceIdentity: '4' })).toBe('');
});

test('what a channel has received of a writer, or the second has had of it, comes to it as well', () => {
  const by = { sourceIdentity: '4' };
  expect(sent(at('0-2-5'), at(''), { ...by, receivedGtid: '0-2-3,7-4-1' })).toBe('0-2-5');
  expect(sent(at('0-2-5'), at(''), { ...by, receivedGtid: '7-2-3' })).toBe('');
  expect(sent(at('0-2-5'), at('0-4-9', '0-2-3'), by)).toBe('0-2-5');
  expect(sent(at('0-2-5'), at('7-2-3'), by)).toBe('');
});

test('what the first wrote itself comes only where a channel has received of it, and what the second wrote never', () => {
  const by = { sourceIdentity: '4' };
  const has = at('0-2-5', '0-1-4,0-9-3');
  expect(sent(has, at('', '0-1-2,0-9-3'), by)).toBe('');
  expect(sent(has, at(''), { ...by, receivedGtid: '0-1-2' })).toBe('0-1-4');
  expect(sent(has, at(''), { ...by, receivedGtid: '0-9-2' })).toBe('');
});

test('domains that a channel leaves out do not come by it', () => {
  const leavesOut = (value: string) => ({ name: 'Replicate_Ignore_Domain_Ids', value });
  const by = (value: string) => ({ sourceIdentity: '2', filters: [leavesOut(value)] });
  expect(sent(at('1-2-5,2-2-6'), at(''), by('1'))).toBe('2-2-6');
  expect(sent(at('1-2-5,2-2-6'), at(''), by('1'), by('2'))).toBe('1-2-5,2-2-6');
});

test('of what the first logged another may have written since, but nothing with a higher number counts', () => {
  const by = { sourceIdentity: '2' };
  expect(sent(at('0-3-8', '0-2-7,0-3-8'), at(''), by)).toBe('0-2-7');
  expect(sent(at('0-3-8', '0-2-900,0-3-8'), at(''), by)).toBe('');
  expect(sent(at('7-3-8', '0-2-7,7-3-8'), at(''), by)).toBe('');
});

test('who has less of a writer lacks it, unless it does not log what it applies', () => {
  const gtid = { domain: '0', server: '2', sequence: 5n };
  const lacks = (...of: Parameters<typeof at>) => lacksOf(at(...of), gtid);
  expect(lacks('0-2-5')).toBe(false);
  expect(lacks('0-2-4')).toBe(true);
  expect(lacks('0-3-4')).toBe(true);
  expect(lacks('7-2-9')).toBe(true);
  expect(lacks('')).toBe(true);
  expect(lacks('0-3-8', '0-2-5,0-3-8')).toBe(false);
  expect(lacks('0-3-8', '0-2-4,0-3-8')).toBe(true);
  // Nothing tells what came before that.
  expect(lacks('0-3-8')).toBe(false);
  expect(lacks('0-3-8', '0-3-8')).toBe(false);
  expect(lacks('0-3-8', '0-2-4')).toBe(false);
  expect(lacksOf({ kind: 'mysql-gtid', text: '' }, gtid)).toBe(false);
});

test('positions of another kind tell nothing of that', () => {
  const mysql: Position = { kind: 'mysql-gtid', text: '' };
  expect(sent(mysql, at(''), { sourceIdentity: '2' })).toBe('');
  expect(sent(at('0-2-5'), mysql, { sourceIdentity: '2' })).toBe('');
});

test('what a source wrote itself is not waited for by another channel, which may never apply it', () => {
  const channels = [channel({ sourceIdentity: '2', receivedGtid: '0-1-4' })];
  const has = at('0-2-5', '0-1-4,0-2-5');
  expect(formatMariadbGtids(sentToBoth(has, at(''), channels, ids))).toBe('0-2-5,0-1-4');
  expect(formatMariadbGtids(sentByOthers(has, at(''), channels, ids))).toBe('0-2-5');
});
