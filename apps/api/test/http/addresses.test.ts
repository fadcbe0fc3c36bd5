import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { Addresses } from '../../src/http/guard/client.ts';

const addresses = new Addresses(['10.0.0.0/8', 'fd00::/8']);
const behind = (forwarded: string, peer = '::ffff:10.0.0.1') =>
  addresses.of({
    socket: { remoteAddress: peer },
    headers: { 'x-forwarded-for': forwarded },
  } as unknown as IncomingMessage);

test.each([
  ['198.51.100.7', '198.51.100.7'],
  ['198.51.100.7:50112', '198.51.100.7'],
  ['6.6.6.6, 198.51.100.7:50112, 10.0.0.9:443', '198.51.100.7'],
  ['2001:db8::7', '2001:db8::7'],
  ['[2001:db8::7]', '2001:db8::7'],
  ['[2001:db8::7]:50112, [fd00::9]:443', '2001:db8::7'],
  ['::ffff:198.51.100.7', '198.51.100.7'],
])('who is behind a proxy that says %s is counted by their own address', (forwarded, address) => {
  expect(behind(forwarded)).toBe(address);
});

test.each(['unknown', '_hidden', '198.51.100.7:50112:1', ':80', '[]:80', '[198.51.100.7'])(
  'what a proxy says that is no address is nobody: %s',
  (forwarded) => {
    expect(behind(forwarded)).toBe('10.0.0.1');
  },
);

test('nobody but a proxy that is trusted is believed', () => {
  expect(behind('198.51.100.7:50112', '192.0.2.1')).toBe('192.0.2.1');
});
