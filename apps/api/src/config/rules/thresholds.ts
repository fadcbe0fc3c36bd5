import { type Finding, show } from '../explain.ts';
import { mergePairs } from '../merge.ts';
import { getIn } from '../path.ts';
import { defaultAt, durationOf } from './lookup.ts';

/** A lag that is critical is at least worth a warning. */
export function thresholds(raw: unknown): Finding[] {
  return mergePairs(raw).flatMap((pair) => {
    const setting = (key: string) => getIn(pair.raw, ['lag', key]) ?? defaultAt(['defaults', 'lag', key]);
    const [warning, critical] = [setting('warning'), setting('critical')];
    const [low, high] = [durationOf(warning), durationOf(critical)];
    const path = pair.origin(['lag', 'critical']) ?? pair.origin(['lag', 'warning']);
    if (low === null || high === null || low <= high || !path) return [];
    return {
      path,
      message: `expected critical (${show(critical)}) to be at least warning (${show(warning)}), found that it is not`,
    };
  });
}
