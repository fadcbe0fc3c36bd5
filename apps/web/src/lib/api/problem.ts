import type { CombinedError } from '@urql/core';

/** An error of a request in words for the person in front of it. */
export function problemText(error: CombinedError): string {
  if (error.networkError) return `The service did not answer: ${error.networkError.message}`;
  return error.graphQLErrors.map((each) => each.message).join(' ') || error.message;
}
