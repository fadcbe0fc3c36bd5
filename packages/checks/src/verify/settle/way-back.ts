import { channelStatusFrom } from '../../lag/channel-status.ts';
import type { ChannelStatus } from '../../model/replication.ts';
import { contains } from '../../position/contains.ts';
import { appliedPlace, channelName } from '../../position/file-row.ts';
import {
  formatMysqlGtidSet,
  type MysqlGtidSet,
  parseMysqlGtidSet,
  subtractMysqlGtidSet,
} from '../../position/mysql-gtid-set.ts';
import { type Position, shortened } from '../../position/position.ts';
import {
  readAppliedOfChannel,
  readAppliedPosition,
  readShownPosition,
  readSourcePosition,
} from '../../position/read-position.ts';
import { replicatedPart } from '../../position/replicated-part.ts';
import { readBinlogEnd } from '../../position/visible.ts';
import { binlogStatusPrivilege, replicaStatusPrivilege } from '../../server/grants.ts';
import type { QueryOptions, SqlServer } from '../../server/sql-server.ts';
import { channelsOf, hasNoChannel } from './channels-of.ts';
import type { Hidden } from './hidden-commits.ts';
import { mayGet } from './may-get.ts';
import { missingOfSenders } from './missing-of-senders.ts';
import { type Missing, missingOfWriters } from './missing-of-writers.ts';

interface Sides {
  source: SqlServer;
  target: SqlServer;
}

/**
 * What the target has and the source is about to get, for the source may be a replica itself: of the target, in a ring
 * or since a failover that the pair does not know of; or of a server that sends to both. That is in flight, as what
 * the source sends is: the sentence says so until the source has it. Null where the source gets nothing of the kind;
 * where nobody may ask it that, all that the target has and the source has not may be. `reached`: what the target had;
 * null where it has no position of this pair.
 */
export async function wayBack(
  reached: Position | null,
  sides: Sides,
  options: QueryOptions,
): Promise<Hidden | null> {
  const { source, target } = sides;
  if (!source.facts || !target.facts) return null;
  if (reached?.kind === 'mysql-gtid') {
    const now = await readSourcePosition(source, reached.kind, options);
    if (now && contains(now, reached)) return null;
  }
  const rows = await channelsOf(source, options);
  if (rows === null) {
    if (await hasNoChannel(source, options)) return null;
    return await mayGet(
      reached,
      sides,
      { privilege: replicaStatusPrivilege(source.facts), on: source },
      options,
    );
  }
  const { uuid, serverId } = target.facts;
  const channels = rows.map(channelStatusFrom);
  const direct = channels.find(
    ({ sourceIdentity }) => sourceIdentity === uuid || sourceIdentity === serverId,
  );
  if (direct) return await fromTarget(direct, reached, sides, options);
  return await fromOthers(reached, channels, sides, options);
}

/** The source reads from the target itself: it is to come to where that one is now. */
async function fromTarget(
  channel: ChannelStatus,
  reached: Position | null,
  { source, target }: Sides,
  options: QueryOptions,
): Promise<Hidden | null> {
  const { flavour } = source.facts!;
  const byGtid = channel.usesGtid && flavour === target.facts!.flavour;
  const kind = byGtid ? (`${flavour}-gtid` as const) : 'file';
  const end =
    kind === 'file' ? await readBinlogEnd(target, options) : await readShownPosition(target, kind, options);
  if (!end && kind === 'file' && target.facts!.binlog) {
    const privilege = binlogStatusPrivilege(target.facts!);
    return await mayGet(reached, { source, target }, { privilege, on: target }, options);
  }
  if (!end) return null;
  const wanted = replicatedPart(end, channel, true);
  return async () => {
    const rows = await channelsOf(source, options);
    const row = rows?.find((row) => channelName(row) === channel.name);
    // Nothing comes by a channel that is gone, unless it may only not be seen any more. One that has applied nothing
    // yet has no place.
    if (rows && !row) return null;
    const ofRow = row && kind === 'file' ? appliedPlace(row) : null;
    const isTold = kind === 'mysql-gtid' || (row && kind !== 'file');
    const now = isTold ? await readAppliedOfChannel(source, kind, channel.name, options) : ofRow;
    if (now && contains(now, wanted)) return null;
    return `${source.name}, which replicates from ${target.name}, has not applied ${shortened(lacking(now, wanted))} yet`;
  };
}

function lacking(now: Position | null, wanted: Position): string {
  if (now?.kind !== 'mysql-gtid') return wanted.text;
  return formatMysqlGtidSet(
    subtractMysqlGtidSet(parseMysqlGtidSet(wanted.text), parseMysqlGtidSet(now.text)),
  );
}

/**
 * Of whoever sends to the source, what the target has of them comes: MySQL's sets tell what has come from whom, and so
 * does, of every writer in every domain, the state of MariaDB's binlog; without GTIDs, places in the binlog of whoever
 * sends to both.
 */
async function fromOthers(
  reached: Position | null,
  channels: ChannelStatus[],
  { source, target }: Sides,
  options: QueryOptions,
): Promise<Hidden | null> {
  if (channels.length === 0) return null;
  const missing = await missingOfOthers(reached, channels, { source, target }, options);
  return async () => {
    const lacks = await missing();
    if (lacks === '') return null;
    return `${source.name} does not show ${shortened(lacks)} yet, which ${target.name} has, and ${source.name} gets from another server`;
  };
}

async function missingOfOthers(
  reached: Position | null,
  channels: ChannelStatus[],
  { source, target }: Sides,
  options: QueryOptions,
): Promise<Missing> {
  const sides = { has: target, gets: source };
  const [here, there] = [source.facts, target.facts];
  const byGtid = here?.gtidMode && there?.gtidMode && here.flavour === there.flavour;
  if (!byGtid) return await missingOfSenders(sides, options);
  return here.flavour === 'mysql'
    ? await missingOfSets(reached, channels, { source, target }, options)
    : await missingOfWriters(channels, sides, options);
}

async function missingOfSets(
  reached: Position | null,
  channels: ChannelStatus[],
  { source, target }: Sides,
  options: QueryOptions,
): Promise<Missing> {
  const had =
    reached?.kind === 'mysql-gtid' ? reached : await readAppliedPosition(target, 'mysql-gtid', '', options);
  const senders = new Set(channels.flatMap(sendersOf));
  const wanted = ofOrigins(parseMysqlGtidSet(had?.text ?? ''), senders);
  return async () => {
    const now = await readSourcePosition(source, 'mysql-gtid', options);
    return now ? formatMysqlGtidSet(subtractMysqlGtidSet(wanted, parseMysqlGtidSet(now.text))) : '';
  };
}

function ofOrigins(set: MysqlGtidSet, origins: ReadonlySet<string>): MysqlGtidSet {
  return new Map([...set].filter(([origin]) => origins.has(origin.slice(0, 36))));
}

/** Whom it reads from, and who wrote what it received. */
function sendersOf({ sourceIdentity, receivedGtid }: ChannelStatus): string[] {
  const received = [...parseMysqlGtidSet(receivedGtid ?? '').keys()].map((origin) => origin.slice(0, 36));
  return sourceIdentity === null ? received : [sourceIdentity.toLowerCase(), ...received];
}
