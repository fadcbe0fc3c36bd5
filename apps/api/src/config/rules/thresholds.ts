import { type Finding, show } from '../explain.ts';
import { mergePairs } from '../merge.ts';
import { getIn } from '../path.ts';
import { defaultAt, durationOf } from './lookup.ts';

/** A lag that is critical is at least worth a warning; and what is looked at once a period is not known within one. */
export function thresholds(raw: unknown): Finding[] {
  return [...ordered(raw), ...discernible(raw)];
}

function discernible(raw: unknown): Finding[] {
  const sampleInterval = getIn(raw, ['lag', 'sampleInterval']) ?? defaultAt(['lag', 'sampleInterval']);
  const period = durationOf(sampleInterval);
  return mergePairs(raw).flatMap((pair) => {
    const warning = getIn(pair.raw, ['lag', 'warning']) ?? defaultAt(['defaults', 'lag', 'warning']);
    const least = durationOf(warning);
    const path = pair.origin(['lag', 'warning']);
    if (period === null || least === null || least >= 2 * period || !path) return [];
    return {
      path,
      message: `expected warning (${show(warning)}) to be at least twice lag.sampleInterval (${show(sampleInterval)}), or no sample can tell whether it is reached`,
    };
  });
}

function ordered(raw: unknown): Finding[] {
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
