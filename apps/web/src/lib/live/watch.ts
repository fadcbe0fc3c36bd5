import type { AnyVariables, Client, TypedDocumentNode } from '@urql/core';
import { onEnd, pipe, subscribe } from 'wonka';
import { backoffMs } from './backoff.ts';

/**
 * Subscribes until the returned function is called. The link itself comes back after a loss; a subscription that the
 * service ended (a restart, a limit) is made again here, so that a part of the page never goes quiet unseen.
 */
export function watch<Data, Variables extends AnyVariables>(
  api: Client,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  onData: (data: Data) => void,
): () => void {
  let retries = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let subscription: { unsubscribe: () => void } | undefined;
  let stopped = false;

  function begin(): void {
    subscription = pipe(
      api.subscription(document, variables),
      onEnd(() => {
        if (stopped) return;
        timer = setTimeout(begin, backoffMs(retries));
        retries += 1;
      }),
      subscribe((result) => {
        if (result.data === undefined || result.data === null) return;
        retries = 0;
        onData(result.data);
      }),
    );
  }

  begin();
  return () => {
    stopped = true;
    clearTimeout(timer);
    subscription?.unsubscribe();
  };
}
