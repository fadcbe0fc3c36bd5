import type { Mishaps } from '@lockstep/checks';

/** What a request's signal is aborted with once its client has gone, in the words of the package that serves HTTP. */
export const clientGone: ReadonlySet<unknown> = new Set([
  'Client connection prematurely closed.',
  'Error: aborted',
]);

/**
 * What was begun and is waited for by nobody any more, the rest of an answer whose client has gone for one, costs
 * itself when it fails, and not the program. That a client went is nothing that anybody need be told of: whoever leaves
 * a page goes in the middle of its questions.
 */
export function tellRejections(mishaps: Pick<Mishaps, 'happened'>): Disposable {
  const listener = (error: unknown) => {
    if (!clientGone.has(error)) mishaps.happened('what nobody waits for', error);
  };
  process.on('unhandledRejection', listener);
  return { [Symbol.dispose]: () => void process.off('unhandledRejection', listener) };
}
