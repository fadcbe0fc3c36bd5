/** Nobody waits longer for a turn of the event loop. */
export const sliceMs = 20;

/**
 * Does long work, which yields wherever it may be held, in slices, between which everything else has its turn; short
 * work is done when this returns. Ends early, unfinished, as soon as `signal` aborts. Calls `done` with the error that
 * the work threw, or null.
 */
export function inSlices(work: Iterator<unknown>, signal: AbortSignal, done: (error: unknown) => void): void {
  const slice = (): void => {
    if (signal.aborted) return;
    const until = performance.now() + sliceMs;
    try {
      do {
        if (work.next().done) return done(null);
      } while (performance.now() < until);
    } catch (error) {
      return done(error);
    }
    setImmediate(slice);
  };
  slice();
}
