import { expect, test } from 'vitest';
import { readsFrom } from '../../src/lag/reads-from.ts';
import type { ChannelStatus } from '../../src/model/replication.ts';

type Look = [sourcePort: number, sourceIdentity: string, receiver: ChannelStatus['receiver']];

/** What is told after each look. */
function told(looks: Look[]): (string | null)[] {
  let before: { channel: ChannelStatus; readsFrom: string | null } | null = null;
  return looks.map(([sourcePort, sourceIdentity, receiver]) => {
    const channel = { sourceHost: 'db', sourcePort, sourceIdentity, receiver } as ChannelStatus;
    before = { channel, readsFrom: readsFrom(channel, before) };
    return before.readsFrom;
  });
}

test('a channel that comes to another source is told to read from it when it is known who that is', () => {
  expect(
    told([
      [1, 'a', 'running'],
      [2, 'a', 'connecting'],
      [2, 'a', 'running'],
      [2, 'b', 'running'],
    ]),
  ).toEqual(['db:1', 'db:1', 'db:1', 'db:2']);
});

test('one source by another address is told at the second look, and a first source at once', () => {
  expect(
    told([
      [1, 'a', 'running'],
      [2, 'a', 'running'],
      [2, 'a', 'running'],
    ]),
  ).toEqual(['db:1', 'db:1', 'db:2']);
});
