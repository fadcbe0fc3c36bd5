const steps = 10;

/**
 * Calls `then` when this process has listened for `ms`, once; returns how to call that off. Time in which it was held
 * up and could hear nobody does not count: what came meanwhile lies there unread, and a plain timer is due before it.
 */
export function whenListened(ms: number, then: () => void): () => void {
  let left = steps;
  const timer = setInterval(() => {
    left--;
    if (left > 0) return;
    clearInterval(timer);
    then();
  }, ms / steps);
  return () => clearInterval(timer);
}
