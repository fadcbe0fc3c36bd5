import { sleep } from '../time/sleep.ts';
import { contains } from './contains.ts';
import type { Position } from './position.ts';

export type WaitResult = 'applied' | 'timeout' | 'stopped';

export interface WaitOptions {
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/** What waiting needs to know of a target. */
export interface AppliedReader {
  readApplied: (signal?: AbortSignal) => Promise<Position | null>;
  /** Whether replication cannot make progress at present, as far as is known. */
  isStopped: () => boolean;
  /** Whether `wanted` is in what was applied; by the positions alone unless told. */
  has?: (applied: Position) => Promise<boolean>;
}

const firstPauseMs = 5;
const longestPauseMs = 200;

/**
 * Resolves when the target has applied `wanted`. Polls with short statements, since a statement that waits inside the
 * server would hold a connection there and would not notice a stopped applier. Rejects with ServerFault, or the
 * signal's reason.
 */
export async function waitUntilApplied(
  target: AppliedReader,
  wanted: Position,
  { timeoutMs, signal }: WaitOptions,
): Promise<WaitResult> {
  const deadline = performance.now() + timeoutMs;
  for (let pause = firstPauseMs; ; pause = Math.min(longestPauseMs, pause * 1.5)) {
    signal?.throwIfAborted();
    const applied = await target.readApplied(signal);
    if (applied && (target.has ? await target.has(applied) : contains(applied, wanted))) return 'applied';
    if (target.isStopped()) return 'stopped';
    const left = deadline - performance.now();
    if (left <= 0) return 'timeout';
    await sleep(Math.min(pause, left), signal);
  }
}
