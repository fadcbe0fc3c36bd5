/**
 * Resolves at the first wish to end. One Ctrl-C arrives several times, from the terminal and through npm, so only one
 * that comes well after it counts as impatience and ends the process at once; guardians clean up even then.
 */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked: number | null = null;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        asked ??= performance.now();
        if (performance.now() - asked > 1000) process.exit(130);
        resolve();
      });
    }
    // Whoever started it, with a channel to tell, is gone.
    process.once('disconnect', () => resolve());
  });
}
