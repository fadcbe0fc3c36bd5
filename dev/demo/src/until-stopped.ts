/** What was started: each part rejects, or resolves with a sentence, when it ends by itself. */
export type Parts = Promise<string>[];

/**
 * Starts something and lets it run until `stop` resolves, then ends everything in order. Rejects when a part of it ends
 * by itself, having ended the others; the message says which, with its last words.
 */
export async function untilStopped(
  start: (cleanup: AsyncDisposableStack) => Promise<Parts>,
  say: (line: string) => void,
  stop: Promise<void>,
): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  const stopped = stop.then(() => 'stopped' as const);

  const started = await Promise.race([start(cleanup), stopped]);
  if (started === 'stopped') return;

  const ended = await Promise.race([...started, stopped]);
  if (ended !== 'stopped') throw new Error(ended);
  say('Ending everything …');
}
