import type { AlertRule } from '../model/alert.ts';
import { leftOutBy } from '../position/left-out.ts';
import { type Condition, fingerprint, type Subject } from './condition/condition.ts';
import { Kept } from './condition/kept.ts';
import type { PairSnapshot, Snapshot, StandingResult } from './condition/snapshot.ts';
import { isWell } from './condition/told-apart.ts';
import { maskUnfit } from './rules/mask-unfit.ts';
import { schemaDiffers } from './rules/schema-differs.ts';
import { tableDifferent } from './rules/table-different.ts';
import { tableMissing } from './rules/table-missing.ts';
import { isUnverified, tableUnverified } from './rules/table-unverified.ts';

/**
 * A result never changes, and neither does what is to say of it until it is old: tens of thousands are judged every
 * second. What explains it may come later, and is no part of this.
 */
const said = new Kept<Condition[]>();

/** All is well with a table: no rule has more to say of it than that. */
export function isQuiet(result: StandingResult, pair: PairSnapshot, snapshot: Snapshot): boolean {
  return isWell(result) && !isUnverified(result, pair, snapshot);
}

export function judgeTable(result: StandingResult, pair: PairSnapshot, snapshot: Snapshot): Condition[] {
  if (isUnverified(result, pair, snapshot)) return explained(result, judgeNow(result, pair, snapshot), pair);
  let conditions = said.get(result);
  if (!conditions) {
    conditions = judgeNow(result, pair, snapshot);
    said.set(result, conditions);
  }
  return explained(result, conditions, pair);
}

function judgeNow(result: StandingResult, pair: PairSnapshot, snapshot: Snapshot): Condition[] {
  const { schema, table } = result;
  const subject = { pair: result.pair, table: { schema, table } };
  return [
    tableMissing(result, subject),
    schemaDiffers(result, subject),
    maskUnfit(result, subject),
    tableDifferent(result, subject),
    tableUnverified(result, subject, pair, snapshot),
  ];
}

/** What somebody's filter keeps from the target differs on purpose, and is worth a look all the same. */
function explained(result: StandingResult, conditions: Condition[], { state }: PairSnapshot): Condition[] {
  const { channel = null } = state.replication ?? {};
  if (result.excludedBy === undefined && (!channel || leftOutBy(channel, result) === null)) return conditions;
  return conditions.map((said) => {
    if (differ.has(said.rule)) {
      return { ...said, severity: 'WARNING', summary: 'Table is left out of replication' };
    }
    // That its definition and its age follow from the same filter needs no alert of its own.
    return { ...said, follows: [...(said.follows ?? []), ...leftOutAlerts(said.subject)] };
  });
}

function leftOutAlerts(subject: Subject): string[] {
  return [...differ].map((rule) => fingerprint(rule, subject));
}

const differ: ReadonlySet<AlertRule> = new Set(['table-missing', 'table-different']);
