import { aheadOf } from '../../position/ahead-of.ts';
import { contains } from '../../position/contains.ts';
import { lostMariadbGtids } from '../../position/lost-history.ts';
import { readMembership } from '../../position/membership.ts';
import { type Position, type PositionKind, shortened } from '../../position/position.ts';
import { readAppliedPosition, readSourcePosition } from '../../position/read-position.ts';
import { isReplica, readBinlogEnd, readShownPlace, readWaitingCommits } from '../../position/visible.ts';
import type { QueryOptions, SqlServer } from '../../server/sql-server.ts';

/** A sentence, while the source does not yet show all that it was asked about; then null. */
export type Hidden = () => Promise<string | null>;

/**
 * What a source has sent, or is about to get from its own source, and does not show yet, though the target has it at
 * `reached` (null: nobody knows what the target has). Errant is only what the target wrote itself, or others wrote who
 * send nothing to the source. What the source has lost of its own never comes to be shown: what else it had sent, and
 * may be on its way still, nobody knows then.
 */
export async function hiddenCommits(
  reached: Position | null,
  { source, target }: { source: SqlServer; target: SqlServer },
  options: QueryOptions,
): Promise<Hidden> {
  const says = (what: string, has: string) => `${source.name} does not show ${what} yet, ${has}`;
  const has = `which ${target.name} has`;

  const why = source.facts?.binlog === false ? 'its binary log is off' : 'its history was reset or restored';
  const lost = (what: string) => `${source.name} does not have ${what}, ${has}: ${why}`;

  const fromOthers = async (): Promise<string | null> => {
    if (!reached || !source.facts || !target.facts) return null;
    if (reached.kind === 'file') {
      const end = await readBinlogEnd(source, options);
      return end && !contains(end, reached) ? lost(reached.text) : null;
    }
    const now = await readSourcePosition(source, reached.kind, options);
    if (!now) return null;
    const facts = { source: source.facts, target: target.facts };
    const { own, others } = aheadOf(now, reached, facts, await receivedByGroup(source, options));
    if (own !== '') return says(shortened(own), has);
    if (now.kind === 'mariadb-gtid') {
      // All that it ever sent is in its binlog's state before it is sent.
      const state = [now.state, now.text].filter(Boolean).join(',');
      const gone = lostMariadbGtids(reached.text, state, source.facts);
      if (gone !== '') return lost(shortened(gone));
    }
    if (others === '') return null;
    if (await isReplica(source, options)) return says(shortened(others), has);
    return (await neverWasReplica(source, reached.kind, options)) ? lost(shortened(others)) : null;
  };

  if (source.facts?.flavour === 'mariadb') {
    const end = reached?.kind === 'file' ? reached : await readBinlogEnd(source, options);
    if (end) {
      const sent =
        reached?.kind === 'mariadb-gtid' ? await readSourcePosition(source, reached.kind, options) : reached;
      const text = sent?.kind === 'mariadb-gtid' ? (sent.written ?? sent.text) : sent?.text;
      const sentence =
        sent && reached && contains(reached, { ...sent, text: text ?? '' })
          ? says(shortened(text ?? ''), has)
          : says(`its binlog up to ${end.text}`, `and ${target.name} may have it`);
      return async () => {
        const shown = await readShownPlace(source, options);
        return shown && !contains(shown, end) ? sentence : await fromOthers();
      };
    }
  } else if (reached?.kind === 'mysql-gtid') return fromOthers;

  return async () => {
    const waiting = await readWaitingCommits(source, options);
    if (waiting === 0) return await fromOthers();
    return says(
      `${waiting === 1 ? 'a commit' : `${waiting} commits`} that another replica has to acknowledge`,
      `and ${target.name} may have ${waiting === 1 ? 'it' : 'them'}`,
    );
  };
}

/** Of one of whom a member has nothing yet it may be the first that its group sends it. */
async function receivedByGroup(source: SqlServer, options: QueryOptions): Promise<Position | null> {
  if (source.facts?.cluster !== 'group-replication') return null;
  return (await readMembership(source, options))?.received ?? null;
}

/** What it has of other writers was read in from a binlog, with the writers and numbers of then. */
async function neverWasReplica(
  source: SqlServer,
  kind: PositionKind,
  options: QueryOptions,
): Promise<boolean> {
  // A node of a cluster has from the others what they wrote, without a channel.
  if (kind !== 'mariadb-gtid' || source.facts?.cluster === 'galera') return false;
  return (await readAppliedPosition(source, kind, '', options))?.text === '';
}
