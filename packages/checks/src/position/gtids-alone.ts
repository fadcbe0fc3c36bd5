import type { ServerFacts } from '../server/sql-server.ts';
import { parseMariadbGtidList } from './mariadb-gtid-list.ts';
import { type MysqlGtidSet, parseMysqlGtidSet } from './mysql-gtid-set.ts';
import { numberedApart } from './numbered-apart.ts';
import type { Position } from './position.ts';
import type { PositionMethod } from './position-method.ts';

interface Side {
  facts: ServerFacts;
  position: Position;
}

/**
 * How positions compare where nobody may say by which channel the target gets its data. GTIDs tell without it, if what
 * the target has is of the source's history from its beginning: a copy that was set up by file and offset has data of
 * GTIDs that it does not know of. `twins`: other servers that write under the source's name.
 */
export function gtidsAlone(source: Side, target: Side, twins: boolean): PositionMethod {
  const evidence = (why: string) => ({ kind: null, evidence: why });
  const { flavour } = source.facts;
  if (flavour !== target.facts.flavour || !source.facts.gtidMode || !target.facts.gtidMode) {
    return evidence('without GTIDs on both sides only the replication status tells what the target has');
  }
  if (flavour === 'mariadb') {
    const apart = numberedApart(source.facts);
    if (apart !== null) return evidence(apart);
    if (twins) return evidence(`other servers have the server_id ${source.facts.serverId}, too`);
    return sharesDomain(source.position, target.position)
      ? { kind: 'mariadb-gtid', evidence: 'GTIDs by domain, without the replication status' }
      : evidence('the target has applied nothing of the domains that the source has');
  }
  if (twins) return evidence(`other servers have the server_uuid ${source.facts.uuid}, too`);
  return sharesBeginning(source, target.position)
    ? { kind: 'mysql-gtid', evidence: 'GTID sets, without the replication status' }
    : evidence("the target's GTID set does not hold the source's from its beginning");
}

function sharesDomain(source: Position, target: Position): boolean {
  if (source.kind !== 'mariadb-gtid' || target.kind !== 'mariadb-gtid') return false;
  const applied = parseMariadbGtidList(target.text);
  return [...parseMariadbGtidList(source.text).keys()].some((domain) => applied.has(domain));
}

/** By what the source wrote itself; where it wrote nothing, by everything that it has of others. */
function sharesBeginning({ facts, position }: Side, target: Position): boolean {
  if (position.kind !== 'mysql-gtid' || target.kind !== 'mysql-gtid') return false;
  const [wanted, applied] = [parseMysqlGtidSet(position.text), parseMysqlGtidSet(target.text)];
  const own = [...wanted.keys()].filter((origin) => origin.startsWith(facts.uuid));
  const origins = own.length > 0 ? own : [...wanted.keys()];
  const begins = (origin: string) => {
    const [first, there] = [firstOf(wanted, origin), firstOf(applied, origin)];
    return first !== null && there !== null && there <= first;
  };
  return origins.length > 0 && origins.every(begins);
}

function firstOf(set: MysqlGtidSet, origin: string): bigint | null {
  return set.get(origin)?.[0]?.[0] ?? null;
}
