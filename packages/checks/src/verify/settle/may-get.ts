import { formatMariadbGtids, splitMariadbGtids } from '../../position/mariadb-gtid-list.ts';
import {
  formatMysqlGtidSet,
  parseMysqlGtidSet,
  subtractMysqlGtidSet,
} from '../../position/mysql-gtid-set.ts';
import { type Position, shortened } from '../../position/position.ts';
import { readAppliedPosition, readSourcePosition } from '../../position/read-position.ts';
import { lacksOf } from '../../position/sent-to-both.ts';
import type { QueryOptions, SqlServer } from '../../server/sql-server.ts';
import type { Hidden } from './hidden-commits.ts';

/**
 * What a target has and its source has not, where nobody may ask whether the source gets it: it may be a replica, and
 * all of that on its way. Null where no GTIDs tell what it is. `right`: what it takes to see that, and of which server.
 */
export async function mayGet(
  reached: Position | null,
  { source, target }: { source: SqlServer; target: SqlServer },
  right: { privilege: string; on: SqlServer },
  options: QueryOptions,
): Promise<Hidden | null> {
  const [here, there] = [source.facts!, target.facts!];
  if (here.flavour !== there.flavour || !here.gtidMode || !there.gtidMode) return null;
  const lacks = here.flavour === 'mysql' ? lackingOfSets : lackingOfLists;
  const had =
    reached?.kind === 'mysql-gtid'
      ? reached
      : await readAppliedPosition(target, `${here.flavour}-gtid`, '', options);
  if (!had) return null;
  return async () => {
    const now = await readSourcePosition(source, had.kind, options);
    const text = now === null ? '' : lacks(had, now, here.serverId);
    if (text === '') return null;
    return `${source.name} does not have ${shortened(text)}, which ${target.name} has, and whether it gets that may not be seen; GRANT ${right.privilege} to Lockstep's account on ${right.on.name} mends it`;
  };
}

function lackingOfSets(had: Position, now: Position): string {
  return formatMysqlGtidSet(subtractMysqlGtidSet(parseMysqlGtidSet(had.text), parseMysqlGtidSet(now.text)));
}

/** What is of the source itself is in its binlog before anybody has it. */
function lackingOfLists(had: Position, now: Position, serverId: string): string {
  if (had.kind !== 'mariadb-gtid') return '';
  const all = splitMariadbGtids([had.text, had.state].filter(Boolean).join(','));
  return formatMariadbGtids(all.filter((gtid) => gtid.server !== serverId && lacksOf(now, gtid)));
}
