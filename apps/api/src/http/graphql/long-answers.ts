import type { ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import { LargeQueries } from './large-queries.ts';

const making = new LargeQueries();

/**
 * Lets long answers be made a few at a time, and one of each client: each is in memory several times over until it is
 * handed to its connection, where it is counted. Resolves with what is to be called then; with null where too many of
 * the client's wait already, and for who has gone.
 */
export async function longAnswer(client: string, answer?: ServerResponse): Promise<(() => void) | null> {
  const gone = new AbortController();
  const leaves = () => gone.abort();
  answer?.once('close', leaves);
  const leave = answer?.closed ? null : await making.enter(client, gone.signal);
  answer?.off('close', leaves);
  return leave;
}

export function tooManyWait(): GraphQLError {
  return new GraphQLError('Too many large questions wait already: ask again when they are answered.', {
    extensions: { code: 'TOO_MANY' },
  });
}
