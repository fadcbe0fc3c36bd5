import { type Condition, condition } from '../condition/condition.ts';
import type { PairSnapshot } from '../condition/snapshot.ts';

const SHOWN = 300;

/** The target has transactions that did not come from its source. */
export function errantTransactions({ config, state }: PairSnapshot): Condition {
  const errant = state.replication?.errant ?? null;
  const count = state.replication?.errantCount ?? null;
  return condition(
    'errant-transactions',
    { pair: config.name },
    {
      status: errant === null ? 'unknown' : errant === '' ? 'false' : 'true',
      severity: 'WARNING',
      ...(count !== null && { size: count }),
      summary: 'Target has transactions of its own',
      evidence: `${describe(errant, count, config.target)}${besides(state.replication?.errantKnown)}`,
    },
  );
}

function describe(errant: string | null, count: number | null, target: string): string {
  if (errant === null) return `whether ${target} has transactions of its own is not known`;
  if (errant === '') return `${target} has no transactions of its own`;
  // MariaDB's binary log state holds the newest transaction of each writer, and numbers are shared among writers.
  const newest = count === null ? ' (the newest of each writer; MariaDB does not tell how many)' : '';
  const transactions =
    count === null ? 'transactions' : count === 1 ? '1 transaction' : `${count} transactions`;
  return `${target} has ${transactions} that the source does not have: ${shortened(errant)}${newest}`;
}

function besides(known = ''): string {
  return known === '' ? '' : `; not counted, since errant.ignore names who wrote them: ${shortened(known)}`;
}

function shortened(gtids: string): string {
  return gtids.length > SHOWN ? `${gtids.slice(0, SHOWN)}…` : gtids;
}
