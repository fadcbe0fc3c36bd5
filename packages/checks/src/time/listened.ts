const steps = 10;

/**
 * Calls `then` when this process has listened for `ms`, once; returns how to call that off. Time in which it was held
 * up and could hear nobody does not count: what came meanwhile lies there unread, and a plain timer is due before it.
 */
export function whenListened(ms: number, then: () => void): () => void {
  let left = steps;
  let last: NodeJS.Immediate | undefined;
  const timer = setInterval(() => {
    left--;
    if (left > 0) return;
    clearInterval(timer);
    // The last step may have been one of those: what is there is read first.
    last = setImmediate(then);
  }, ms / steps);
  return () => {
    clearInterval(timer);
    clearImmediate(last);
  };
}
