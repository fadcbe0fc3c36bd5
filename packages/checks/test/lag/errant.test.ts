import { describe, expect, test } from 'vitest';
import { findAlone, findErrant } from '../../src/lag/errant.ts';
import { LookBack } from '../../src/lag/look-back.ts';
import type { PositionSample } from '../../src/lag/position-sample.ts';
import { sourceLostHistory } from '../../src/lag/source-loss.ts';
import type { ChannelStatus } from '../../src/model/replication.ts';
import { channel, facts } from '../support/replication.ts';

const a = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const b = '4e11fa47-71ca-11e1-9e33-c80aa9429562';
const c = '5e11fa47-71ca-11e1-9e33-c80aa9429562';
const mysql = facts('mysql');
const mariadb = facts('mariadb', { serverId: '2' });

function sample(history: string, sentAt = 0, file = 'b.000001'): PositionSample {
  const position = { kind: 'mysql-gtid', text: history } as const;
  const place = { kind: 'file', text: `${file}:4`, file, offset: 4 } as const;
  return {
    sentAt,
    receivedAt: sentAt + 1,
    gtid: { source: position, applied: position, history },
    binlog: { position: place, sentAt, receivedAt: sentAt + 1 },
    places: new Map([['', place]]),
  };
}

describe('errant transactions', () => {
  test('are those that the target has and the source has not, counted on MySQL', () => {
    expect(findErrant(`${a}:1-9,${b}:1-3`, `${a}:1-12,${b}:1`, mysql, [])).toEqual({
      text: `${b}:2-3`,
      count: 2,
    });
    expect(findErrant(`${a}:1-9`, `${a}:1-12`, mysql, [])).toEqual({ text: '', count: 0 });
  });

  test('are not those that other channels bring', () => {
    const other = channel({ name: 'other', sourceIdentity: b, receivedGtid: `${b}:1-3,${c}:1-4` });
    expect(findErrant(`${a}:1-9,${b}:1-3,${c}:1-4`, `${a}:1-9`, mysql, [other])).toEqual({
      text: '',
      count: 0,
    });
  });

  test('are on MariaDB what the target wrote itself; how many, cannot be told', () => {
    expect(findErrant('0-1-9,0-2-11', '0-1-10', mariadb, [])).toEqual({ text: '0-2-11', count: null });
    expect(findErrant('0-1-9,0-2-11', '0-1-10,0-2-5', mariadb, [])).toEqual({ text: '0-2-11', count: null });
  });

  test('are not what it wrote as a former source, or what others wrote', () => {
    expect(findErrant('0-1-9,0-2-5', '0-1-10,0-2-5', mariadb, [])).toEqual({ text: '', count: 0 });
    expect(findErrant('0-1-9,7-3-5', '0-1-10', mariadb, [])).toEqual({ text: '', count: 0 });
  });

  test('are on MariaDB also what a former source wrote, unless another channel brings it', () => {
    const former = { formerSources: new Set(['9']) };
    expect(findErrant('0-9-5', '0-9-3,0-1-4', mariadb, [], former)).toEqual({ text: '0-9-5', count: null });
    expect(findErrant('0-9-5', '0-9-5,0-1-6', mariadb, [], former)).toEqual({ text: '', count: 0 });
    expect(findErrant('0-9-5', '0-1-6', mariadb, [], former)).toEqual({ text: '', count: 0 });
    const other = channel({ name: 'other', sourceIdentity: '9' });
    expect(findErrant('0-9-5', '0-9-3', mariadb, [other], former)).toEqual({ text: '', count: 0 });
  });

  test('are said apart where it is known who writes them', () => {
    const history = `${a}:1-9,${b}:1-3,${c}:1-4`;
    expect(findErrant(history, `${a}:1-9`, mysql, [], { knownOrigins: [b.toUpperCase()] })).toEqual({
      text: `${c}:1-4`,
      count: 4,
      known: `${b}:1-3`,
    });
    expect(findErrant('0-1-9,0-2-11', '0-1-10', mariadb, [], { knownOrigins: ['2'] })).toEqual({
      text: '',
      count: 0,
      known: '0-2-11',
    });
    expect(findErrant('0-1-9,0-2-11', '0-1-10', mariadb, [], { knownOrigins: ['1'] })?.text).toBe('0-2-11');
  });

  test('are not known without GTIDs or without a binary log on the target', () => {
    expect(findErrant('', '', { ...mysql, gtidMode: false }, [])).toBeNull();
    expect(findErrant('', '', { ...mariadb, binlog: false }, [])).toBeNull();
  });
});

describe('a source lost its history', () => {
  const lost = (target: string, source: string, kind: 'mysql-gtid' | 'mariadb-gtid') =>
    sourceLostHistory(
      sample(target),
      sample(source),
      facts(kind === 'mysql-gtid' ? 'mysql' : 'mariadb', { uuid: a, serverId: '1' }),
      kind,
      { channel: null },
    );

  test('when the target has more of its transactions than it has itself', () => {
    expect(lost(`${a}:1-500`, `${a}:1-3`, 'mysql-gtid')).toBe(true);
    expect(lost(`${a}:1-500,${b}:1`, `${a}:1-500`, 'mysql-gtid')).toBe(false);
    expect(lost('0-1-500', '0-1-3', 'mariadb-gtid')).toBe(true);
    expect(lost('0-1-500', '0-1-500,0-2-7', 'mariadb-gtid')).toBe(false);
    expect(lost('0-2-500', '0-1-3', 'mariadb-gtid')).toBe(false);
  });

  test('also of what others wrote, where the target has that from nobody else and the source wrote it in', () => {
    const lost = (target: string, source: string, { alone = true, got = '', own = '' } = {}) => {
      const of = (state: string, applied: string, writes: string) => ({
        ...sample(state),
        gtid: {
          ...sample(state).gtid,
          applied: { kind: 'mariadb-gtid' as const, text: applied, own: writes },
        },
      });
      const mariadbSource = facts('mariadb', { serverId: '1' });
      return sourceLostHistory(
        of(target, target, own),
        of(source, got, ''),
        mariadbSource,
        'mariadb-gtid',
        { channel: null },
        alone,
      );
    };
    expect(lost('0-7-900', '0-1-3,0-7-700')).toBe(true);
    expect(lost('0-7-900', '0-1-901,0-7-900')).toBe(false);
    expect(lost('0-7-900', '0-1-3,0-7-700', { alone: false })).toBe(false);
    expect(lost('0-7-900', '0-1-3,0-7-700', { got: '0-7-700' })).toBe(false);
    expect(lost('0-7-900', '0-1-3,0-7-700', { own: '0-7-900' })).toBe(false);
    expect(lost('0-7-900', '0-1-3')).toBe(false);
  });

  test('but not when it deleted a domain', () => {
    expect(lost('0-1-9,7-1-500', '0-1-9', 'mariadb-gtid')).toBe(false);
  });

  test('by file, when the target is further than its binlog goes', () => {
    const file = (target: string, source: string) =>
      sourceLostHistory(sample('', 0, target), sample('', 0, source), mysql, 'file', { channel: null });
    expect(file('b.000007', 'b.000001')).toBe(true);
    expect(file('b.000001', 'b.000001')).toBe(false);
    expect(file('b.000001', 'b.000007')).toBe(false);
  });
});

describe('looking back', () => {
  test('takes two looks', () => {
    const back = new LookBack();
    const first = sample('first', 1000);
    expect(back.look(first, sample('', 990))).toBeNull();
    expect(back.look(sample('second', 3000), sample('', 2990))).toBeNull();
    expect(back.look(sample('third', 5000), sample('', 4990))).toBe(first);
  });

  test('does not hold a source against the target that was last asked before it', () => {
    const back = new LookBack();
    for (let n = 1; n < 5; n++) expect(back.look(sample('', n * 2000), sample('', 0))).toBeNull();
  });

  test('does not call errant what is on its way from the target to the source, always something else', () => {
    const back = new LookBack();
    for (let n = 1; n < 20; n++) {
      const source = sample(`${b}:1-${n}`, n * 2000 - 10);
      const then = back.look(sample(`${b}:1-${n + 2}`, n * 2000), source);
      if (n > 2) expect(then && findErrant(then.gtid.history, source.gtid.history, mysql, [])?.count).toBe(0);
    }
  });
});

test('tags change nothing of who wrote it, and a group’s name is written in any case', () => {
  const mysqlTarget = facts('mysql', { uuid: b });
  const found = (target: string, but: Parameters<typeof findErrant>[4] = {}, others: ChannelStatus[] = []) =>
    findErrant(target, '', mysqlTarget, others, but);
  expect(found(`${b}:night:1`, { group: b.toUpperCase() })).toEqual({ text: '', count: 0 });
  expect(found(`${b}:night:1`, { knownOrigins: [b] })).toEqual({
    text: '',
    count: 0,
    known: `${b}:night:1`,
  });
  const brings = channel({ receivedGtid: `${a}:1-9, ${b}:1` });
  expect(found(`${b}:night:1`, {}, [brings])).toEqual({ text: '', count: 0 });
  const from = channel({ sourceIdentity: b });
  expect(found(`${b}:1`, {}, [from])).toEqual({ text: '', count: 0 });
  const member = { cluster: 'group-replication', uuid: b } as const;
  expect(findAlone(`${b}:night:1`, [], member)).toEqual({ text: `${b}:night:1`, count: 1 });
});

test('on MariaDB it is errant by its writer and its domain, whatever others have in the one or the other', () => {
  const target = facts('mariadb', { serverId: '2' });
  const found = (there: string, source: string) => findErrant(there, source, target, [])?.text;
  expect(found('0-2-10', '0-1-99')).toBe('0-2-10');
  expect(found('0-2-10', '5-2-99')).toBe('0-2-10');
  expect(found('0-2-10', '5-1-99')).toBe('0-2-10');
  expect(found('0-2-10', '0-2-10')).toBe('');
});
