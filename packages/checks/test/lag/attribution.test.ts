import { expect, test } from 'vitest';
import { attribute, parsedReceived } from '../../src/lag/attribution.ts';
import type { ChannelStatus } from '../../src/model/replication.ts';
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

test('where no position tells what has arrived, a thread that does not run does', () => {
  const where = (but: Partial<ChannelStatus>, missing: Position | null = null) =>
    attribute({ lagMs: 9000, missing, applied: missing, channel: channel(but) });
  expect(where({})).toBe('unknown');
  expect(where({ receiver: 'stopped' })).toBe('receiver');
  expect(where({ receiver: 'connecting' })).toBe('link');
  expect(where({ applier: 'stopped' })).toBe('applier');
  expect(where({ receiver: 'stopped', applier: 'stopped' })).toBe('unknown');
  // A channel that never got anything, and one whose log is called otherwise.
  const missing: Position = { kind: 'file', text: 'b.000002:500', file: 'b.000002', offset: 500 };
  expect(where({ applier: 'stopped' }, missing)).toBe('applier');
  expect(where({ receivedFile: 'b.000002' }, missing)).toBe('unknown');
  expect(where({ receivedOffset: 500 }, missing)).toBe('unknown');
  expect(where({ receivedFile: 'c.000001', receivedOffset: 900 }, missing)).toBe('unknown');
});

test('without anything received what is missing on MySQL has not arrived', () => {
  expect(attribute({ ...lagging, channel: channel() })).toBe('link');
});

test('a delay of any length is intended, none is not', () => {
  const one = { receivedGtid: `${uuid}:6-12`, intendedDelayMs: 1 };
  expect(attribute({ ...lagging, channel: channel(one) })).toBe('intended');
  expect(attribute({ ...lagging, channel: channel({ ...one, intendedDelayMs: 0 }) })).toBe('applier');
});

test('what a channel says that it received is a position, or it is refused', () => {
  const received = (receivedGtid: string | null) => () => parsedReceived(channel({ receivedGtid }));
  for (const fine of [null, '', `${uuid}:1-9`, '0-1-9']) expect(received(fine)).not.toThrow();
  expect(received('x:1')).toThrow('not a MySQL GTID set');
  expect(received('garbage')).toThrow('not a MariaDB GTID list');
  expect(() => parsedReceived(null)).not.toThrow();
});
