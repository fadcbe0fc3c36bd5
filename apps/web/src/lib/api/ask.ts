import type { AnyVariables, Client, OperationResult, TypedDocumentNode } from '@urql/core';
import { filter, pipe, subscribe, take } from 'wonka';
import { awaited } from './awaited.ts';

/**
 * Asks once. When `wanted` aborts, the request ends and the promise rejects with its reason. Without that an equal
 * question asked meanwhile would get no request of its own, but share the answer of this one, which is older.
 */
export async function ask<Data, Variables extends AnyVariables>(
  api: Client,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  wanted: AbortSignal,
): Promise<OperationResult<Data, Variables>> {
  awaited.more(1);
  try {
    return await answer(api, document, variables, wanted);
  } finally {
    awaited.more(-1);
  }
}

function answer<Data, Variables extends AnyVariables>(
  api: Client,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  wanted: AbortSignal,
): Promise<OperationResult<Data, Variables>> {
  return new Promise((resolve, reject) => {
    // One that is not wanted before it is asked, as the next page may be, is not asked.
    wanted.throwIfAborted();
    const asking = pipe(
      api.query(document, variables),
      filter((result) => !result.stale),
      take(1),
      subscribe(resolve),
    );
    wanted.addEventListener(
      'abort',
      () => {
        asking.unsubscribe();
        reject(wanted.reason as Error);
      },
      { once: true },
    );
  });
}
