import { Client, type ExecutionResult, fetchExchange, subscriptionExchange } from '@urql/core';
import type { Client as Socket } from 'graphql-ws';

import { resolve } from '$app/paths';

/**
 * Queries and mutations by HTTP, subscriptions over the link. Deliberately without a cache: what is shown is either
 * live or has just been asked for.
 */
export function createApi(socket: () => Socket, onUnauthorized: () => void): Client {
  return new Client({
    url: `${resolve('/')}graphql`,
    preferGetMethod: false,
    requestPolicy: 'network-only',
    fetchOptions: {
      credentials: 'same-origin',
      // A form on another site cannot send this header, so the service knows that it is us.
      headers: { 'x-graphql-yoga-csrf': '1' },
    },
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      if (response.status === 401) onUnauthorized();
      return response;
    },
    exchanges: [
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({
            unsubscribe: socket().subscribe(
              { ...request, query: request.query ?? '' },
              { ...sink, next: (result) => sink.next(result as ExecutionResult) },
            ),
          }),
        }),
      }),
    ],
  });
}
