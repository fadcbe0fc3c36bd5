import { sleep } from '../time/sleep.ts';
import { contains } from './contains.ts';
import type { Position } from './position.ts';

export interface WaitOptions {
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/** What waiting needs to know of a target. */
export interface AppliedReader {
  readApplied: (signal?: AbortSignal) => Promise<Position | null>;
  /** Whether `wanted` is in what was applied; by the positions alone unless told. */
  has?: (applied: Position) => Promise<boolean>;
}

const firstPauseMs = 5;
const longestPauseMs = 200;

/**
 * Resolves when the target has applied `wanted`, or with false when it has not in time: a stopped one is waited for as
 * well, since somebody may be about to start it again. Polls with short statements, since a statement that
 * waits inside the server would hold a connection there. Rejects with ServerFault, or the signal's reason.
 */
export async function waitUntilApplied(
  target: AppliedReader,
  wanted: Position,
  { timeoutMs, signal }: WaitOptions,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (let pause = firstPauseMs; ; pause = Math.min(longestPauseMs, pause * 1.5)) {
    signal?.throwIfAborted();
    const applied = await target.readApplied(signal);
    if (applied && (target.has ? await target.has(applied) : contains(applied, wanted))) return true;
    const left = deadline - performance.now();
    if (left <= 0) return false;
    await sleep(Math.min(pause, left), signal);
  }
}
