import type { AnyVariables, Client, TypedDocumentNode } from '@urql/core';
import { problemText } from './problem.ts';

export type Outcome<T> = { ok: true; value: T } | { ok: false; message: string };

interface RequestError {
  __typename: 'RequestError';
  message: string;
}

/** Runs a mutation of one field, whose answer is either the changed thing or the sentence that says why not. */
export async function perform<Answer extends { __typename: string }, Variables extends AnyVariables>(
  api: Client,
  document: TypedDocumentNode<Record<string, Answer | RequestError>, Variables>,
  variables: Variables,
): Promise<Outcome<Exclude<Answer, RequestError>>> {
  const { data, error } = await api.mutation(document, variables).toPromise();
  if (error) return { ok: false, message: problemText(error) };
  const answer = Object.values(data ?? {})[0];
  if (!answer) return { ok: false, message: 'The service gave no answer.' };
  if (isRequestError(answer)) return { ok: false, message: answer.message };
  return { ok: true, value: answer as Exclude<Answer, RequestError> };
}

function isRequestError(answer: { __typename: string }): answer is RequestError {
  return answer.__typename === 'RequestError';
}
