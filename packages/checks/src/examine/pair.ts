import type { PairConfig } from '../config.ts';
import type { Glance } from '../lag/glance.ts';
import type { PairStateName } from '../model/pair.ts';
import type { ReplicationStatus } from '../model/replication.ts';
import { shortened } from '../position/position.ts';
import type { ReplicationRoute } from '../position/replication-route.ts';
import { namesFold } from '../server/names-fold.ts';
import { oneServer } from '../server/one-server.ts';
import { ServerFault } from '../server/sql-server.ts';
import type { TableName } from '../table-name.ts';
import { idleMasks, type IdleMasksOptions } from '../verify/run/idle-masks.ts';
import { wantedTables } from '../verify/run/wanted-tables.ts';
import { bad, doubt, type Finding, good } from './finding.ts';

/** What is asked of the two servers of a pair together. */
export async function pairFindings(
  pair: PairConfig,
  glance: Glance,
  signal: AbortSignal,
): Promise<Finding[]> {
  const [source, target] = [glance.get(pair.source), glance.get(pair.target)];
  const away = [source, target].filter(({ connected }) => !connected).map(({ name }) => name);
  if (away.length > 0) {
    return [doubt('replication', `not known: ${away.join(' and ')} cannot be reached`, null)];
  }
  const one = oneServer(source, target);
  if (one !== null) return [bad('replication', one, 'name two servers')];
  const { state, evidence } = glance.lag.state(pair.name);
  await glance.historiesCompared(pair, signal);
  return [
    replication(state, evidence),
    positions(glance.lag.route(pair.name)),
    errant(glance.lag.replication(pair.name)),
    ...(await tables(pair, glance, signal)),
  ];
}

const mends: Partial<Record<PairStateName, string>> = {
  stopped: 'START REPLICA (MariaDB, and MySQL before 8.0.22: START SLAVE)',
  broken: 'mend what the error names, then START REPLICA (START SLAVE)',
  connecting: "look whether the target reaches the source with the replication account's password",
  'not-configured':
    'CHANGE REPLICATION SOURCE TO … (CHANGE MASTER TO …); where data come by other means, leave it: the tables are compared all the same',
};

function replication(state: PairStateName, evidence: string): Finding {
  if (state === 'in-sync' || state === 'delayed') return good('replication', evidence);
  const mend = mends[state] ?? null;
  return (state === 'unknown' ? doubt : bad)('replication', `${state}: ${evidence}`, mend);
}

function positions(route: ReplicationRoute | null): Finding {
  if (!route) return doubt('positions', 'the replication status could not be read', null);
  if (route.kind === 'file') {
    return doubt(
      'positions',
      `${route.evidence}: true of direct replicas only, and lost at a failover`,
      'let it position itself by GTID: SOURCE_AUTO_POSITION = 1 (MariaDB: MASTER_USE_GTID = slave_pos)',
    );
  }
  if (route.kind !== null) return good('positions', route.evidence);
  return (route.unproved === null ? doubt : bad)(
    'positions',
    `they cannot be compared: ${route.evidence}`,
    route.unproved === null || route.group ? null : 'position by GTID on all servers in between',
  );
}

/** Characters of a list: a target may have transactions of thousands of writers. */
const mostListed = 1_000;

/** MariaDB does not tell how many. */
function counted(count: number | null): string {
  if (count === null) return 'transactions';
  return count === 1 ? '1 transaction' : `${count} transactions`;
}

function errant(status: ReplicationStatus | null): Finding {
  const topic = 'errant transactions';
  if (!status || status.errant === null) return doubt(topic, 'not known', null);
  if (status.errant === '') return good(topic, 'the target has none of its own');
  return bad(
    topic,
    `the target has ${counted(status.errantCount)} that the source does not have: ${shortened(status.errant, mostListed)}`,
    'find what they wrote (mysqlbinlog --include-gtids), and make both the same before a failover',
  );
}

/** Masks that fit no column. */
async function masks(
  pair: PairConfig,
  tables: readonly TableName[],
  asking: Pick<IdleMasksOptions, 'source' | 'target' | 'signal'>,
): Promise<Finding[]> {
  const fold = namesFold(asking.source, asking.target);
  const idle = await idleMasks({ ...asking, selection: pair.tables, all: true, tables, fold, waitMs: 0 });
  return [...idle].map(([{ match }, names]) =>
    bad(
      'masks',
      `maskColumns of ${match} names ${names.join(', ')}, and no column is called so: no values are shown of what it fits`,
      'name the columns as they are called',
    ),
  );
}

/** Which tables a check would look at, as the check itself finds them. */
async function tables(pair: PairConfig, glance: Glance, signal: AbortSignal): Promise<Finding[]> {
  const [source, target] = [glance.get(pair.source), glance.get(pair.target)];
  try {
    const once = { ...pair, verify: { ...pair.verify, waitMs: 0 } };
    const { tables, unmatched } = await wantedTables({ pair: once, only: null, source, target, signal });
    const lost = unmatched.map((pattern) =>
      bad(
        'tables',
        `${pattern} fits no table that the account may see`,
        'mend the pattern, or GRANT SELECT on the schema, on both servers ("lockstep grants")',
      ),
    );
    if (tables.length === 0) {
      return lost.length > 0 ? lost : [bad('tables', 'there is none to compare', null)];
    }
    const count = `${tables.length.toLocaleString('en')} ${tables.length === 1 ? 'table is' : 'tables are'} seen`;
    return [good('tables', count), ...lost, ...(await masks(once, tables, { source, target, signal }))];
  } catch (error) {
    if (!(error instanceof ServerFault)) throw error;
    return [doubt('tables', error.message, null)];
  }
}
