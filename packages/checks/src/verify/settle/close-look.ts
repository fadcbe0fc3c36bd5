import type { Barrier } from './barrier.ts';
import type { Look } from './settle-rows.ts';

/** A look that proves what it shows to be no matter of the moment. */
export interface CloseLook extends Look {
  /** False where something may have been hidden from it. */
  proves: boolean;
  /** Why it waited for what it shows without a position; absent where it did not. */
  blind?: string;
  /** How long the source was seen to hide something that the target had, in ms. */
  hiddenMs: number;
}

/** How one thing, or many, are read of each side. */
export interface Reads<T> {
  /** `pending`: with what is not committed yet. */
  source: (pending: boolean) => Promise<T>;
  target: () => Promise<T>;
  /** The source can be read with what is not committed yet. */
  showsPending: boolean;
  /** For so long, and so often, at least, where a side is read again and again. */
  atLeast: { forMs: number; reads: number };
  /** Where the source is read again and again: after such a part of the time that has passed; absent: often. */
  pace?: number;
}

/**
 * Gets every reading, `pending` being the source's with what is not committed yet. Ends the look by returning false:
 * there is nothing left to be seen.
 */
export type See<T> = (side: 'source' | 'pending' | 'target', reading: T) => boolean;

/** A way to look closely; null when `see` ended it. */
export type LookClosely = <T>(
  options: { barrier: Barrier; signal: AbortSignal },
  reads: Reads<T>,
  see: See<T>,
) => Promise<CloseLook | null>;

/** What became of things that looked different in every round. */
export interface Proved<T> {
  /** Different, by a look beside those of the rounds. */
  different: { of: T; look: Look }[];
  /** Not seen to move, but by no look that proves anything. */
  unproved: T[];
  /** How long the source hid something at the least; 0 where nothing is unproved. */
  hiddenMs: number;
}
