import { compareBinlogPlaces } from './binlog-place.ts';
import { type MariadbGtidList, parseMariadbGtidList } from './mariadb-gtid-list.ts';
import {
  countMysqlGtidSet,
  isMysqlGtidSubset,
  type MysqlGtidSet,
  parseMysqlGtidSet,
  subtractMysqlGtidSet,
} from './mysql-gtid-set.ts';
import type { Position } from './position.ts';

/** Whether everything up to `wanted` is in `applied`. Positions of different kinds never contain each other. */
export function contains(applied: Position, wanted: Position): boolean {
  if (applied.kind === 'file' || wanted.kind === 'file') {
    if (applied.kind !== 'file' || wanted.kind !== 'file') return false;
    const order = compareBinlogPlaces(applied, wanted);
    return order !== null && order >= 0;
  }
  if (applied.kind === wanted.kind && applied.text === wanted.text) return true;
  if (applied.kind === 'mysql-gtid') {
    return wanted.kind === 'mysql-gtid' && isMysqlGtidSubset(mysqlSet(wanted), mysqlSet(applied));
  }
  return wanted.kind === 'mariadb-gtid' && missingDomains(applied, wanted).length === 0;
}

/**
 * How many transactions of `wanted` are not in `applied`; null where positions do not tell (binlog places, and a
 * MariaDB domain that `applied` knows nothing of).
 */
export function countMissing(applied: Position, wanted: Position): bigint | null {
  if (applied.kind === 'mysql-gtid' && wanted.kind === 'mysql-gtid') {
    if (applied.text === wanted.text) return 0n;
    return countMysqlGtidSet(subtractMysqlGtidSet(mysqlSet(wanted), mysqlSet(applied)));
  }
  if (applied.kind === 'mariadb-gtid' && wanted.kind === 'mariadb-gtid') {
    let count = 0n;
    for (const { behind } of missingDomains(applied, wanted)) {
      if (behind === null) return null;
      count += behind;
    }
    return count;
  }
  return null;
}

/** Positions are compared again and again, and parsing is most of the work. */
const mysqlSets = new WeakMap<Position, MysqlGtidSet>();
const mariadbLists = new WeakMap<Position, MariadbGtidList>();

function mysqlSet(position: Position): MysqlGtidSet {
  let set = mysqlSets.get(position);
  if (!set) mysqlSets.set(position, (set = parseMysqlGtidSet(position.text)));
  return set;
}

function mariadbList(position: Position): MariadbGtidList {
  let list = mariadbLists.get(position);
  if (!list) mariadbLists.set(position, (list = parseMariadbGtidList(position.text)));
  return list;
}

type MariadbPosition = Extract<Position, { kind: 'mariadb-gtid' }>;

function missingDomains(
  applied: MariadbPosition,
  wanted: MariadbPosition,
): { domain: string; behind: bigint | null }[] {
  const list = mariadbList(applied);
  const own = parseMariadbGtidList(applied.own ?? '');
  const missing: { domain: string; behind: bigint | null }[] = [];
  for (const [domain, { server, sequence }] of mariadbList(wanted)) {
    const reached = list.get(domain);
    // Of equal numbers by different servers one is not in the other's history.
    if (
      reached &&
      (reached.sequence > sequence || (reached.sequence === sequence && reached.server === server))
    ) {
      continue;
    }
    // What the target wrote itself (as a former source) it need not apply. Own writes say nothing of other servers'.
    const written = own.get(domain);
    if (written && written.server === server && written.sequence >= sequence) continue;
    const behind = reached ? sequence - reached.sequence : null;
    missing.push({ domain, behind: behind === 0n ? 1n : behind });
  }
  return missing;
}
