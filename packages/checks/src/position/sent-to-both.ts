import type { ChannelStatus } from '../model/replication.ts';
import { highestOf, type MariadbGtid, parseMariadbGtidList, splitMariadbGtids } from './mariadb-gtid-list.ts';
import type { Position } from './position.ts';
import { takesDomain } from './replicated-part.ts';

type Applied = Extract<Position, { kind: 'mariadb-gtid' }>;
export type Gtid = MariadbGtid & { domain: string };

/**
 * Of what one MariaDB server has applied (`has`), what others sent who send to a second one as well: it comes to that
 * one by one of its `channels`. Of what the first logs the newest of every writer counts, for another may have written
 * since; but none with a higher number than the newest of its domain, which is of a former life of the server's.
 */
export function sentToBoth(
  has: Position,
  gets: Position,
  channels: readonly ChannelStatus[],
  ids: { has: string; gets: string },
): Gtid[] {
  if (has.kind !== 'mariadb-gtid' || gets.kind !== 'mariadb-gtid') return [];
  const had = [...splitMariadbGtids(has.text), ...logged(has)];
  return had.filter(
    (gtid) => gtid.server !== ids.gets && channels.some((channel) => bringsOf(channel, gtid, gets, ids)),
  );
}

/** The same but for what the first wrote itself, which the second gets from it whoever else sends it, too. */
export function sentByOthers(...between: Parameters<typeof sentToBoth>): Gtid[] {
  const [, , , { has }] = between;
  return sentToBoth(...between).filter(({ server }) => server !== has);
}

/** Whether a channel of who is at this position brings a transaction that another one has. */
export function bringsOf(
  channel: ChannelStatus,
  { domain, server }: Gtid,
  gets: Position,
  ids: { has: string },
): boolean {
  if (gets.kind !== 'mariadb-gtid' || !takesDomain(channel, domain)) return false;
  if (server === channel.sourceIdentity) return true;
  const received = splitMariadbGtids(channel.receivedGtid ?? '');
  if (received.some((gtid) => gtid.domain === domain && gtid.server === server)) return true;
  // What the first wrote itself may be errant, though the second had something of it once.
  return server !== ids.has && highestOf(told(gets), domain, server) !== null;
}

/** Whether a server that has applied that much has not got that transaction, as far as it tells. */
export function lacksOf(applied: Position, { domain, server, sequence }: Gtid): boolean {
  if (applied.kind !== 'mariadb-gtid') return false;
  const highest = highestOf(told(applied), domain, server);
  if (highest !== null && highest >= sequence) return false;
  const newest = parseMariadbGtidList(applied.text).get(domain);
  if (!newest || newest.sequence < sequence) return true;
  // One that does not log what it applies, or not since long, tells the newest of a domain alone, which came later.
  const logged = highestOf(applied.state ?? '', domain, newest.server);
  return highest !== null && logged !== null && logged >= newest.sequence;
}

/** But for what is the newest of its domain, or has a higher number. */
function logged({ text, state = '' }: Applied): Gtid[] {
  const newest = parseMariadbGtidList(text);
  return splitMariadbGtids(state).filter(({ domain, server, sequence }) => {
    const gtid = newest.get(domain);
    return (
      gtid !== undefined &&
      sequence <= gtid.sequence &&
      !(server === gtid.server && sequence === gtid.sequence)
    );
  });
}

function told({ text, state }: Applied): string {
  return [text, state].filter(Boolean).join(',');
}
