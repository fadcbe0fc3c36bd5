import { type MysqlGtidSet, parseMysqlGtidSet, subtractMysqlGtidSet } from '../../position/mysql-gtid-set.ts';
import type { Position } from '../../position/position.ts';
import { readSourcePosition } from '../../position/read-position.ts';
import type { QueryOptions, SqlServer } from '../../server/sql-server.ts';
import type { Hidden } from './hidden-commits.ts';

/**
 * A target that was pointed to another server, as after a failover, has what that one wrote, and its old source may get
 * it yet, or never: that the two differ therefore is no drift. Null where it has nothing of the kind. MariaDB's
 * positions prove nothing there.
 */
export function takenElsewhere(
  reached: Position | null,
  { source, target }: { source: SqlServer; target: SqlServer },
  options: QueryOptions,
): Hidden | null {
  if (reached?.kind !== 'mysql-gtid') return null;
  const wanted = ofOthers(parseMysqlGtidSet(reached.text), [source.facts?.uuid, target.facts?.uuid]);
  if (wanted.size === 0) return null;
  return async () => {
    const now = await readSourcePosition(source, 'mysql-gtid', options);
    const lacks = now !== null && subtractMysqlGtidSet(wanted, parseMysqlGtidSet(now.text)).size > 0;
    // Without the set, which grows: it is waited for once.
    return lacks
      ? `${source.name} does not have all that ${target.name} got from another server, since it reads from that one`
      : null;
  };
}

function ofOthers(set: MysqlGtidSet, uuids: (string | undefined)[]): MysqlGtidSet {
  return new Map([...set].filter(([origin]) => !uuids.includes(origin.slice(0, 36))));
}
