import type { Attribution, ChannelStatus } from '../model/replication.ts';
import { compareBinlogPlaces } from '../position/binlog-place.ts';
import { contains } from '../position/contains.ts';
import { splitMariadbGtids } from '../position/mariadb-gtid-list.ts';
import { isMysqlGtidSubset, parseMysqlGtidSet, subtractMysqlGtidSet } from '../position/mysql-gtid-set.ts';
import type { Position } from '../position/position.ts';

export interface AttributionInput {
  /** Null: unknown. */
  lagMs: number | null;
  /** The oldest position of the source that the target lacks, and what it has applied; null when nothing is missing. */
  missing: Position | null;
  applied: Position | null;
  channel: ChannelStatus | null;
  /** What the target, a member of a cluster, has received and not applied; null or absent for no member. */
  queue?: { position: Position | null; length: number | null } | null;
}

/** Where the delay arises: has what is missing arrived on the target (then it is the applier's), or not? */
export function attribute({ lagMs, missing, applied, channel, queue }: AttributionInput): Attribution {
  if (lagMs === 0) return 'none';
  if (lagMs !== null && queue) return inQueue(queue, missing);
  if (lagMs === null || !channel) return 'unknown';
  if (missing && applied) {
    const arrived = hasReceived(channel, missing, applied);
    if (arrived !== null) return arrived ? appliersPart(channel) : receiversPart(channel);
  }
  if (channel.receiver !== 'running' && channel.applier === 'running') return receiversPart(channel);
  if (channel.applier !== 'running' && channel.receiver === 'running') return 'applier';
  return 'unknown';
}

/** A member has no channel of its own from the others, but a queue. */
function inQueue(
  { position, length }: NonNullable<AttributionInput['queue']>,
  missing: Position | null,
): Attribution {
  if (position && missing) return contains(position, missing) ? 'applier' : 'link';
  if (length === null) return 'unknown';
  return length > 0 ? 'applier' : 'link';
}

function appliersPart(channel: ChannelStatus): Attribution {
  return channel.intendedDelayMs > 0 && channel.applier === 'running' ? 'intended' : 'applier';
}

/** A receiver that runs, or tries to, and does not get what there is: it is on the way. */
function receiversPart(channel: ChannelStatus): Attribution {
  return channel.receiver === 'stopped' ? 'receiver' : 'link';
}

/** What the channel has received, where it tells, is a position. Throws Unparsable. */
export function parsedReceived(channel: ChannelStatus | null): void {
  const received = channel?.receivedGtid;
  if (received == null) return;
  if (received.includes(':')) parseMysqlGtidSet(received);
  else splitMariadbGtids(received);
}

/** Null when the status does not tell. */
function hasReceived(channel: ChannelStatus, wanted: Position, applied: Position): boolean | null {
  if (wanted.kind === 'file') {
    if (channel.receivedFile === null || channel.receivedOffset === null) return null;
    const order = compareBinlogPlaces(
      { file: channel.receivedFile, offset: channel.receivedOffset },
      { file: wanted.file, offset: wanted.offset },
    );
    return order === null ? null : order >= 0;
  }
  const received = channel.receivedGtid ?? '';
  if (wanted.kind === 'mysql-gtid') {
    // It lists what came since the relay log was begun; what came before is applied.
    const open = subtractMysqlGtidSet(parseMysqlGtidSet(wanted.text), parseMysqlGtidSet(applied.text));
    return isMysqlGtidSubset(open, parseMysqlGtidSet(received));
  }
  if (received === '') return null;
  return contains({ kind: 'mariadb-gtid', text: received }, wanted);
}
