import { neededGrants, type PairConfig, type ServerFacts } from '@lockstep/checks';

export interface AccountNeeds {
  /** `cluster`: absent where it is not known. */
  facts: Pick<ServerFacts, 'flavour' | 'version' | 'cluster'>;
  /** What the account has to see here. */
  pairs: readonly PairConfig[];
  /** Quoted as in SQL. */
  account: string;
  /** It replicates from somewhere. */
  isReplica: boolean;
}

/** What makes Lockstep's account on one server, each with its semicolon; run twice it does no harm. */
export function accountStatements({ facts, pairs, account, isReplica }: AccountNeeds): string[] {
  return [
    ...(isReplica ? keptFromHistory(facts) : []),
    `CREATE USER IF NOT EXISTS ${account} IDENTIFIED BY '…'`,
    ...neededGrants(facts, pairs, account),
  ].map((statement) => `${statement};`);
}

/**
 * In the binary log of a replica they would be transactions that its source does not have. That of a member is its
 * cluster's: a Galera cluster runs them on all nodes whatever is set here, and a node that leaves them out numbers
 * everything otherwise from then on; of Group Replication the others would not have the account.
 */
function keptFromHistory({ cluster, flavour }: AccountNeeds['facts']): string[] {
  if (cluster) return [];
  return [
    `SET SESSION sql_log_bin = ${cluster === null ? '0' : `EXISTS (SELECT 1 FROM ${isMember[flavour]})`}`,
  ];
}

/** For a server that turned the login away, and is known by its greeting alone. */
const isMember: Record<ServerFacts['flavour'], string> = {
  mysql: `performance_schema.replication_group_members WHERE MEMBER_STATE IN ('ONLINE', 'RECOVERING')`,
  mariadb: `information_schema.GLOBAL_VARIABLES WHERE VARIABLE_NAME = 'WSREP_ON' AND VARIABLE_VALUE = 'ON'`,
};

/** As SQL has it, e.g. `'lockstep'@'10.0.0.%'`. */
export function quotedAccount(user: string, host: string): string {
  const quote = (text: string) => `'${text.replaceAll("'", "''")}'`;
  return `${quote(user)}@${quote(host)}`;
}

/** Of a replica, said above its statements. */
export const comesByItself = 'what is run on its source comes here by itself; this is for where it does not';

/** Of a member of a cluster, said above its statements. */
export const broughtToMembers = {
  galera: 'its cluster brings to all nodes what is run on one',
  'group-replication': 'its group brings to all members what is run on the primary',
} as const;
