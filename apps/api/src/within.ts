/**
 * Waits for the work, but no longer than `ms`: then `onLate` is called, and nobody waits for it any more. Rejects as
 * it does.
 */
export async function within(ms: number, work: Promise<unknown>, onLate: () => void): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(() => {
    onLate();
    late.resolve();
  }, ms);
  try {
    await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
