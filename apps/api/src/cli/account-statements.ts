import { neededGrants, type PairConfig, type ServerFacts } from '@lockstep/checks';

export interface AccountNeeds {
  facts: Pick<ServerFacts, 'flavour' | 'version'>;
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
    // Else they would be transactions that its source does not have.
    ...(isReplica ? ['SET SESSION sql_log_bin = 0'] : []),
    `CREATE USER IF NOT EXISTS ${account} IDENTIFIED BY '…'`,
    ...neededGrants(facts, pairs, account),
  ].map((statement) => `${statement};`);
}

/** As SQL has it, e.g. `'lockstep'@'10.0.0.%'`. */
export function quotedAccount(user: string, host: string): string {
  const quote = (text: string) => `'${text.replaceAll("'", "''")}'`;
  return `${quote(user)}@${quote(host)}`;
}

/** Of a replica, said above its statements. */
export const comesByItself = 'what is run on its source comes here by itself; this is for where it does not';
