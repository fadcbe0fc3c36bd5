import { expect } from 'vitest';
import { type Condition, fingerprint, type Subject } from '../../src/alerts/condition/condition.ts';
import type { PairSnapshot, Snapshot } from '../../src/alerts/condition/snapshot.ts';
import { judge } from '../../src/alerts/judge.ts';
import type { AlertRule } from '../../src/model/index.ts';
import { pair, snapshot } from './state.ts';

/** The one condition that the rule makes of the subject. */
export function of(state: Snapshot, rule: AlertRule, subject: Subject = { pair: 'orders' }): Condition {
  const wanted = fingerprint(rule, subject);
  const found = judge(state).filter((condition) => condition.fingerprint === wanted);
  expect(found).toHaveLength(1);
  return found[0] as Condition;
}

/** As `of`, where all is well but for this about the pair. */
export function ofPair(changes: Partial<PairSnapshot>, rule: AlertRule, subject?: Subject): Condition {
  return of(snapshot({ pairs: [pair(changes)] }), rule, subject);
}
