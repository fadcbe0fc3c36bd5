import type { Clock } from './clock.ts';

/** What the wall clock showed at a moment of the monotonic one: what was measured is as old as its answer. */
export function wallAt(clock: Clock, moment: number): Date {
  // The wall's time first: who is held up between the two says an earlier moment, which is no lie.
  const wall = clock.wall().getTime();
  return new Date(wall - Math.max(0, clock.now() - moment));
}
