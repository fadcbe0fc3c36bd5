import { expect, test } from 'vitest';
import { channel } from '../support/replication.ts';
import { inSync, own, watched } from './watched-pair.ts';

/** The target has written itself what its source has not. */
const alone = { kind: 'mariadb-gtid', text: '0-1-5', state: '0-1-5,0-2-6' } as const;
const wroteItself = { gtid: { source: alone, applied: alone, history: '0-1-5,0-2-6' } };

/** A look at a server of one history by domain and writer. */
const having = (text: string, state = text) => {
  const position = { kind: 'mariadb-gtid', text, written: text, state } as const;
  return { gtid: { source: position, applied: { ...position, text: '' }, history: state } };
};
const hasApplied = (text: string) => {
  const position = { kind: 'mariadb-gtid', text, state: text } as const;
  return { gtid: { source: position, applied: position, history: text } };
};

test('what only the target has is told with the status', () => {
  const { wrote, has, reads } = inSync();
  for (let look = 0; look < 4; look++) {
    wrote(5);
    const applied = { kind: 'mariadb-gtid', text: '0-1-5', state: '0-1-5,0-2-6' } as const;
    has(5, { gtid: { source: applied, applied, history: '0-1-5,0-2-6' } });
    reads(own);
  }
  expect(reads(own)).toMatchObject({ errant: '0-2-6', errantCount: null, errantKnown: '' });
});

test('what only the target has stays told while the status cannot be read, and not where it may not be', () => {
  const { wrote, has, reads, unread, target, mishaps } = inSync();
  for (let look = 0; look < 4; look++) {
    wrote(5);
    has(5, wroteItself);
    reads(own);
  }
  expect(unread(target.fault('timeout')).errant).toBe('0-2-6');
  has(5, wroteItself);
  expect(mishaps.recent()).toEqual([]);
  const blind = watched();
  for (let look = 0; look < 4; look++) {
    blind.wrote(5);
    blind.has(5, wroteItself);
    // What comes by the channels that nobody sees would be taken for the target's own.
    expect(blind.unread(target.fault('privilege')).errant).toBeNull();
  }
});

test('before histories were compared, what the source does not show is not believed', () => {
  const { wrote, has, reads } = watched();
  wrote(3);
  has(9);
  reads(own);
  expect(has(9).evidence).toMatch(/^lag unknown: db2 has transactions that db1 does not show/);
});

test('what several sources write into one domain is noticed, and then file and offset are the way', () => {
  const { wrote, has, reads, monitor } = watched();
  const other = channel({ name: 'other', sourceHost: 'db7.local', sourceIdentity: '7' });
  const of = (text: string) => ({ kind: 'mariadb-gtid', text, state: text }) as const;
  const got = (text: string) => ({ gtid: { source: of(text), applied: of(text), history: text } });
  wrote(5);
  has(5);
  reads(own, other);
  for (let look = 0; look < 3; look++) {
    wrote(5);
    has(5);
  }
  expect(monitor.route?.method.kind).toBe('mariadb-gtid');
  for (let look = 0; look < 3; look++) {
    wrote(5);
    has(5, got('0-7-50'));
  }
  expect(monitor.route?.method.kind).toBe('file');
});

test('a binlog that the source reads in again tells nothing where others send to the target, too', () => {
  const { wrote, has, reads, monitor } = watched();
  const other = channel({ name: 'other', sourceHost: 'db7.local', sourceIdentity: '7' });
  wrote(5, having('0-1-5', '0-4711-700,0-1-5'));
  reads(own, other);
  has(5, hasApplied('0-4711-900'));
  expect(monitor.route?.method.kind).toBe('file');
});

test('where nobody else sends to the target, what the source reads in again it has lost', () => {
  const { wrote, has, reads } = watched();
  for (let look = 0; look < 4; look++) {
    has(5, hasApplied('0-7-9'));
    wrote(5, having('0-7-3'));
    reads(own);
  }
  expect(has(5, hasApplied('0-7-9')).evidence).toMatch(/its history was reset or restored$/);
});

test('a source that went back is not believed', () => {
  const { has, monitor } = inSync();
  monitor.sourceWentBack();
  expect(has(5).evidence).toMatch(/^lag unknown: db1 does not have any more what it had before/);
});
