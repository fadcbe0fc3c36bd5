import type { Mishaps } from '@lockstep/checks';

/**
 * What was begun and is waited for by nobody any more, the rest of an answer whose client has gone for one, costs
 * itself when it fails, and not the program.
 */
export function tellRejections(mishaps: Pick<Mishaps, 'happened'>): Disposable {
  const listener = (error: unknown) => mishaps.happened('what nobody waits for', error);
  process.on('unhandledRejection', listener);
  return { [Symbol.dispose]: () => void process.off('unhandledRejection', listener) };
}
