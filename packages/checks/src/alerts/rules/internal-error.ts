import { type Mishap, overAfterMs } from '../../mishaps.ts';
import { formatDuration } from '../../time/duration.ts';
import { formatInstant } from '../../time/instant.ts';
import { type Condition, condition } from '../condition/condition.ts';

/** Something that nobody expected went wrong in Lockstep itself: what it struck is not known as it should be. */
export function internalErrors(mishaps: readonly Mishap[], at: Date): Condition[] {
  const bySubject = Map.groupBy(mishaps, ({ struck }) => JSON.stringify(struck));
  return [...bySubject.values()].flatMap((struckAlike) => {
    const newest = struckAlike.reduce((a, b) => (b.last > a.last ? b : a));
    const { struck, what, words, times, since, last } = newest;
    const happens = at.getTime() - last.getTime() < overAfterMs;
    return condition('internal-error', struck, {
      status: happens ? 'true' : 'false',
      severity: 'WARNING',
      summary: 'Unexpected error',
      evidence: happens
        ? `unexpected error in ${what}: ${words} (${times === 1 ? 'once' : `${times} times`} since ${formatInstant(since)}); the log has its cause`
        : `no unexpected error for ${formatDuration(overAfterMs)}`,
      forMs: 0,
      keepFiringForMs: 0,
    });
  });
}
