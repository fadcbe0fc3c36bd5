import { expect, test } from 'vitest';
import { attribute } from '../../src/lag/attribution.ts';
import type { Position } from '../../src/position/position.ts';
import { channel } from '../support/replication.ts';

const uuid = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const set = (numbers: string): Position => ({ kind: 'mysql-gtid', text: `${uuid}:${numbers}` });
const lagging = { lagMs: 9000, missing: set('1-9'), applied: set('1-5') };

test('no lag has no place, an unknown one an unknown place', () => {
  expect(attribute({ ...lagging, lagMs: 0, channel: channel() })).toBe('none');
  expect(attribute({ ...lagging, lagMs: null, channel: channel() })).toBe('unknown');
  expect(attribute({ ...lagging, channel: null })).toBe('unknown');
});

test('what has arrived waits for the applier', () => {
  expect(attribute({ ...lagging, channel: channel({ receivedGtid: `${uuid}:6-12` }) })).toBe('applier');
  const stopped = channel({ receivedGtid: `${uuid}:6-12`, applier: 'stopped', intendedDelayMs: 60_000 });
  expect(attribute({ ...lagging, channel: stopped })).toBe('applier');
});

test('what has arrived on a delayed replica waits as intended', () => {
  const delayed = channel({ receivedGtid: `${uuid}:6-12`, intendedDelayMs: 60_000 });
  expect(attribute({ ...lagging, channel: delayed })).toBe('intended');
});

test('what has not arrived is the link’s, unless the receiver is stopped', () => {
  const received = { receivedGtid: `${uuid}:6-8` };
  expect(attribute({ ...lagging, channel: channel(received) })).toBe('link');
  expect(attribute({ ...lagging, channel: channel({ ...received, receiver: 'connecting' }) })).toBe('link');
  expect(attribute({ ...lagging, channel: channel({ ...received, receiver: 'stopped' }) })).toBe('receiver');
});

test('MariaDB tells by domain, and not at all where it positions itself by file', () => {
  const domain = { lagMs: 9000, missing: { kind: 'mariadb-gtid', text: '0-1-9' }, applied: null } as const;
  const applied: Position = { kind: 'mariadb-gtid', text: '0-1-5' };
  expect(attribute({ ...domain, applied, channel: channel({ receivedGtid: '0-1-12' }) })).toBe('applier');
  expect(attribute({ ...domain, applied, channel: channel({ receivedGtid: '0-1-8' }) })).toBe('link');
  expect(attribute({ ...domain, applied, channel: channel() })).toBe('unknown');
});

test('by file and offset the received place tells', () => {
  const missing: Position = { kind: 'file', text: 'b.000002:500', file: 'b.000002', offset: 500 };
  const applied: Position = { kind: 'file', text: 'b.000001:4', file: 'b.000001', offset: 4 };
  const at = (receivedOffset: number) => channel({ receivedFile: 'b.000002', receivedOffset });
  expect(attribute({ lagMs: 9000, missing, applied, channel: at(500) })).toBe('applier');
  expect(attribute({ lagMs: 9000, missing, applied, channel: at(499) })).toBe('link');
});
