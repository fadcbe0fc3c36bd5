import { describe, expect, test } from 'vitest';
import { ErrantWatch, mariadbErrant, mysqlErrant } from '../../src/lag/errant-watch.ts';
import type { PositionSample } from '../../src/lag/position-sample.ts';
import { channel, facts } from '../support/replication.ts';

const a = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const b = '4e11fa47-71ca-11e1-9e33-c80aa9429562';
const c = '5e11fa47-71ca-11e1-9e33-c80aa9429562';

function sample(history: string, sentAt: number): PositionSample {
  const position = { kind: 'mysql-gtid', text: history } as const;
  return {
    sentAt,
    receivedAt: sentAt + 1,
    gtid: { source: position, applied: position, history },
    binlog: null,
    places: null,
  };
}

describe('on MySQL', () => {
  test('what the target has and the source has not is errant, and counted', () => {
    expect(mysqlErrant(`${a}:1-9,${b}:1-3`, `${a}:1-12,${b}:1`, [])).toEqual({ text: `${b}:2-3`, count: 2 });
    expect(mysqlErrant(`${a}:1-9`, `${a}:1-12`, [])).toEqual({ text: '', count: 0 });
  });

  test('what other channels bring is not', () => {
    const other = channel({ name: 'other', sourceIdentity: b, receivedGtid: `${b}:1-3,${c}:1-4` });
    expect(mysqlErrant(`${a}:1-9,${b}:1-3,${c}:1-4`, `${a}:1-9`, [other])).toEqual({ text: '', count: 0 });
  });
});

describe('on MariaDB', () => {
  test('what the target wrote and the source never got is errant; how much, cannot be told', () => {
    expect(mariadbErrant('0-1-9,0-2-11', '0-1-10', '2')).toEqual({ text: '0-2-11', count: null });
    expect(mariadbErrant('0-1-9,0-2-11', '0-1-10,0-2-5', '2')).toEqual({ text: '0-2-11', count: null });
  });

  test('what it wrote as a former source, or others wrote, is not', () => {
    expect(mariadbErrant('0-1-9,0-2-5', '0-1-10,0-2-5', '2')).toEqual({ text: '', count: 0 });
    expect(mariadbErrant('0-1-9,7-3-5', '0-1-10', '2')).toEqual({ text: '', count: 0 });
  });
});

test('nothing is called errant before it was missing for two looks', () => {
  const watch = new ErrantWatch();
  const look = (target: string, source: string, at: number) =>
    watch.look(sample(target, at), sample(source, at - 10), facts('mysql'), []);
  expect(look(`${a}:1,${b}:1`, `${a}:1`, 1000)).toBeNull();
  expect(look(`${a}:1,${b}:1`, `${a}:1`, 3000)).toBeNull();
  expect(look(`${a}:1,${b}:1`, `${a}:1`, 5000)).toEqual({ text: `${b}:1`, count: 1 });
});

test('transactions on their way from the target to the source, always some others, are not errant', () => {
  const watch = new ErrantWatch();
  for (let n = 1; n < 20; n++) {
    const errant = watch.look(
      sample(`${b}:1-${n + 2}`, n * 2000),
      sample(`${b}:1-${n}`, n * 2000 - 10),
      facts('mysql'),
      [],
    );
    expect(errant?.count ?? 0).toBe(0);
  }
});

test('a source that was last asked before the target is not held against it', () => {
  const watch = new ErrantWatch();
  for (let n = 1; n < 5; n++)
    expect(watch.look(sample(`${a}:1,${b}:1`, n * 2000), sample(`${a}:1`, 0), facts('mysql'), [])).toBeNull();
});

test('without GTIDs or a binary log on the target it is not known', () => {
  const watch = new ErrantWatch();
  for (const but of [{ gtidMode: false }, { binlog: false }])
    for (let n = 1; n < 5; n++)
      expect(watch.look(sample('', n * 2000), sample('', n * 2000 - 10), facts('mysql', but), [])).toBeNull();
});
