import { describe, expect, test } from 'vitest';
import { aheadOf } from '../../src/position/ahead-of.ts';
import type { Position } from '../../src/position/position.ts';
import { facts } from '../support/replication.ts';

const uuid = (digit: number) => `${digit}e11fa47-71ca-11e1-9e33-c80aa9429562`;
const [source, target, third, stranger] = [uuid(1), uuid(2), uuid(3), uuid(4)];

describe('of MySQL a target has ahead', () => {
  const servers = {
    source: facts('mysql', { uuid: source }),
    target: facts('mysql', { uuid: target }),
  };
  const ahead = (of: string, there: string) =>
    aheadOf({ kind: 'mysql-gtid', text: of }, { kind: 'mysql-gtid', text: there }, servers);

  test('nothing, where it has what its source shows', () => {
    expect(ahead(`${source}:1-9`, `${source}:1-9`)).toEqual({ own: '', others: '' });
    expect(ahead(`${source}:1-9`, `${source}:1-5`)).toEqual({ own: '', others: '' });
  });

  test('what the source sent before it shows it, by tag too', () => {
    const there = `${source}:1-9:backup:1`;
    expect(ahead(`${source}:1-7`, there)).toEqual({ own: `${source}:8-9,${source}:backup:1`, others: '' });
  });

  test('what comes of others, of whom the source has something', () => {
    const there = `${source}:1-7,${third}:1-4`;
    expect(ahead(`${source}:1-7,${third}:1-2`, there)).toEqual({ own: '', others: `${third}:3-4` });
  });

  test('what comes of one of whom a member has only received something as yet', () => {
    const [shows, there] = [`${source}:1-7`, `${source}:1-7,${third}:1-2,${stranger}:1`].map((text) => ({
      kind: 'mysql-gtid' as const,
      text,
    }));
    const received: Position = { kind: 'mysql-gtid', text: `${source}:1-7,${third}:1-2` };
    const others = `${third}:1-2`;
    expect(aheadOf(shows!, there!, servers, received)).toEqual({ own: '', others });
    expect(aheadOf(shows!, there!, servers)).toEqual({ own: '', others: '' });
  });

  test('nothing of itself, nor of those of whom the source has nothing: that is errant', () => {
    const there = `${source}:1-7,${target}:1-5,${stranger}:1`;
    expect(ahead(`${source}:1-7,${target}:1`, there)).toEqual({ own: '', others: '' });
  });
});

describe('of MariaDB a target has ahead', () => {
  const servers = {
    source: facts('mariadb', { serverId: '1' }),
    target: facts('mariadb', { serverId: '2' }),
  };
  const ahead = (of: { text: string; state?: string }, there: string) =>
    aheadOf({ kind: 'mariadb-gtid', ...of }, { kind: 'mariadb-gtid', text: there }, servers);

  test('nothing of the source’s own or of its own', () => {
    expect(ahead({ text: '0-1-5', state: '0-1-5,0-2-3' }, '0-1-9')).toEqual({ own: '', others: '' });
    expect(ahead({ text: '0-1-5', state: '0-1-5,0-2-3' }, '0-2-9')).toEqual({ own: '', others: '' });
  });

  test('what comes of others that the source knows, by domain and server', () => {
    const of = { text: '0-1-5', state: '0-1-5,0-3-4,1-3-2' };
    expect(ahead(of, '0-3-6,1-3-2')).toEqual({ own: '', others: '0-3-6' });
    expect(ahead(of, '0-3-4')).toEqual({ own: '', others: '' });
    expect(ahead(of, '0-3-6,1-3-7')).toEqual({ own: '', others: '0-3-6,1-3-7' });
    expect(ahead({ text: '0-3-5' }, '0-3-6')).toEqual({ own: '', others: '0-3-6' });
  });

  test('nothing of those whom the source does not know in that domain', () => {
    expect(ahead({ text: '0-1-5', state: '0-1-5,1-3-2' }, '0-3-6')).toEqual({ own: '', others: '' });
    expect(ahead({ text: '0-1-5', state: '0-4-9,0-1-5' }, '0-3-6')).toEqual({ own: '', others: '' });
  });
});

test('between positions of different kinds, and by file, nobody knows what is ahead', () => {
  const servers = { source: facts('mysql', { uuid: source }), target: facts('mysql', { uuid: target }) };
  const positions: Position[] = [
    { kind: 'mysql-gtid', text: `${source}:1-9` },
    { kind: 'mariadb-gtid', text: '0-3-6', state: '0-3-2' },
    { kind: 'file', text: 'binlog.000001:4', file: 'binlog.000001', offset: 4 },
  ];
  for (const one of positions) {
    for (const other of positions) {
      if (one === other) continue;
      expect(aheadOf(one, other, servers)).toEqual({ own: '', others: '' });
    }
  }
});
