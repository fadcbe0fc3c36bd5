import type { ScheduleState } from '../engine-api.ts';
import type { Run } from '../model/run.ts';
import type { CheckKind } from '../model/verdict.ts';
import { type DailyWindow, describeWindow, isOpen, opensAt, turnsAt } from '../time/daily-window.ts';
import { formatInstant } from '../time/instant.ts';
import type { PairBoard } from './pair-board.ts';

/** Why a run must not go on now: its window is shut; null when it may. Who asks for a run wants it made. */
export function whyShut({ config }: PairBoard, { check, trigger }: Run): string | null {
  const { window } = config.checks[check];
  const now = new Date();
  if (!window || trigger !== 'schedule' || isOpen(window, now)) return null;
  return `paused: outside of its window ${describeWindow(window)}, goes on at ${formatInstant(turnsAt(window, now))}`;
}

/** A run that was cut off and waits for its window, as it is shown; null when it waits for nothing of the kind. */
export function shownWaiting(board: PairBoard, run: Run): Run | null {
  const evidence = whyShut(board, run);
  return evidence === null ? null : { ...run, state: 'paused', heldBy: null, evidence };
}

/** When a run of the check that was cut off goes on; null when none waits for its window. */
export function nextTurn({ config, interrupted }: PairBoard, check: CheckKind): Date | null {
  const { window } = config.checks[check];
  const left = interrupted.get(check);
  return window && left?.run.trigger === 'schedule' ? opensAt(window, new Date()) : null;
}

export function windowState(window: DailyWindow | undefined): ScheduleState['window'] {
  if (!window) return null;
  const now = new Date();
  return { hours: describeWindow(window), open: isOpen(window, now), turnsAt: turnsAt(window, now) };
}
