import type { ChannelStatus } from '../model/replication.ts';
import type { ServerFacts } from '../server/sql-server.ts';
import { numberedApart } from './numbered-apart.ts';
import type { PositionKind } from './position.ts';

/** How positions of a pair are compared; null when they cannot be, and `evidence` says why. */
export interface PositionMethod {
  kind: PositionKind | null;
  evidence: string;
  /** It is not known yet, for somebody has not answered for the first time. */
  pending?: boolean;
}

export interface PairFacts {
  source: ServerFacts;
  target: ServerFacts;
  /** The channel through which the target gets the source's data; null when it is no replica. */
  channel: ChannelStatus | null;
  /** The channel reads from the source itself, not from another server in between. */
  direct: boolean;
  /** Why MariaDB's GTIDs do not tell one server's transactions from another's; null or absent when they do. */
  mixed?: string | null;
  /** Why they do not tell what the target applied; likewise. */
  unapplied?: string | null;
  /** Why a place in the binlog does not tell that all before it was applied; null or absent when it does. */
  unordered?: string | null;
  /** Why no number tells whose transactions the channel brings; null or absent when it does. */
  alike?: string | null;
}

/**
 * GTIDs where the replica positions itself by them: only then does the server itself guarantee that what is missing
 * in its GTID state is missing in its data. A replica that was set up by file and offset may have data of GTIDs that
 * it does not know of, which would look like lag for ever; there file and offset tell the truth, if it reads from the
 * source directly.
 */
export function choosePositionMethod({
  source,
  target,
  channel,
  direct,
  mixed = null,
  unapplied = null,
  unordered = null,
  alike = null,
}: PairFacts): PositionMethod {
  if (!channel) return { kind: null, evidence: 'the target is not a replica' };
  if (alike !== null) return { kind: null, evidence: alike };
  const sameFlavour = source.flavour === target.flavour;
  const gtid = sameFlavour && source.gtidMode && target.gtidMode;
  const untold = mixed ?? unapplied;
  if (gtid && source.flavour === 'mariadb' && untold !== null) {
    if (direct && unordered === null) {
      return { kind: 'file', evidence: `binlog file and offset, because ${untold}` };
    }
    const why = direct ? `${untold}, and ${unordered}` : untold;
    return { kind: null, evidence: mixed === null ? why : `${why}; set them apart by gtid_domain_id` };
  }
  if (source.cluster === 'galera' && !direct) return acrossNodes(source, channel, gtid);
  if (gtid && channel.usesGtid) {
    return source.flavour === 'mysql'
      ? { kind: 'mysql-gtid', evidence: 'GTID sets, the channel positions itself by GTID' }
      : { kind: 'mariadb-gtid', evidence: 'GTIDs by domain, the channel positions itself by GTID' };
  }
  if (direct) {
    return { kind: 'file', evidence: 'binlog file and offset, the channel positions itself by them' };
  }
  // Behind a relay file and offset are the relay's. MySQL's sets hold every transaction, so there they still tell.
  if (gtid && source.flavour === 'mysql') {
    return { kind: 'mysql-gtid', evidence: 'GTID sets, through servers in between' };
  }
  return {
    kind: null,
    evidence: `${channel.sourceHost}:${channel.sourcePort} lies between source and target, and without GTID positions cannot be compared across it`,
  };
}

/** From a server that is not the source, but may be another node of its cluster. */
function acrossNodes(source: ServerFacts, channel: ChannelStatus, gtid: boolean): PositionMethod {
  const from = `${channel.sourceHost}:${channel.sourcePort}`;
  const name = `if ${from} is the source itself, name it by that address`;
  if (!gtid || !channel.usesGtid) {
    const evidence = `the target reads from ${from} by file and offset, which are places in that server's binlog, and not in the source's; ${name}`;
    return { kind: null, evidence };
  }
  const apart = numberedApart(source);
  if (apart !== null) return { kind: null, evidence: `the target reads from ${from}, and ${apart}; ${name}` };
  return {
    kind: 'mariadb-gtid',
    evidence: `GTIDs by domain, in which all nodes of the cluster number alike, through ${from}`,
  };
}
