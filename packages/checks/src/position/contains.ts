import { compareBinlogPlaces } from './binlog-place.ts';
import { parseMariadbGtidList } from './mariadb-gtid-list.ts';
import {
  countMysqlGtidSet,
  isMysqlGtidSubset,
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
  if (applied.kind === 'mysql-gtid')
    return (
      wanted.kind === 'mysql-gtid' &&
      isMysqlGtidSubset(parseMysqlGtidSet(wanted.text), parseMysqlGtidSet(applied.text))
    );
  return wanted.kind === 'mariadb-gtid' && missingDomains(applied, wanted).length === 0;
}

/**
 * How many transactions of `wanted` are not in `applied`; null where positions do not tell (binlog places, and a
 * MariaDB domain that `applied` knows nothing of).
 */
export function countMissing(applied: Position, wanted: Position): bigint | null {
  if (applied.kind === 'mysql-gtid' && wanted.kind === 'mysql-gtid') {
    if (applied.text === wanted.text) return 0n;
    const missing = subtractMysqlGtidSet(parseMysqlGtidSet(wanted.text), parseMysqlGtidSet(applied.text));
    return countMysqlGtidSet(missing);
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

type MariadbPosition = Extract<Position, { kind: 'mariadb-gtid' }>;

function missingDomains(
  applied: MariadbPosition,
  wanted: MariadbPosition,
): { domain: string; behind: bigint | null }[] {
  const list = parseMariadbGtidList(applied.text);
  const own = parseMariadbGtidList(applied.own ?? '');
  const missing: { domain: string; behind: bigint | null }[] = [];
  for (const [domain, { server, sequence }] of parseMariadbGtidList(wanted.text)) {
    const reached = list.get(domain);
    // Of equal numbers by different servers one is not in the other's history.
    if (
      reached &&
      (reached.sequence > sequence || (reached.sequence === sequence && reached.server === server))
    )
      continue;
    // What the target wrote itself (as a former source) it need not apply. Own writes say nothing of other servers'.
    const written = own.get(domain);
    if (written && written.server === server && written.sequence >= sequence) continue;
    const behind = reached ? sequence - reached.sequence : null;
    missing.push({ domain, behind: behind === 0n ? 1n : behind });
  }
  return missing;
}
