import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** The one shape of every error outside GraphQL: `{ error: { code, message } }`. */
export function errorBody(code: string, message: string) {
  return { error: { code, message } };
}

export function jsonError(c: Context, status: ContentfulStatusCode, code: string, message: string) {
  return c.json(errorBody(code, message), status);
}

export const guessedTooOften = 'Too many tokens that are not known came from this address.';

/** For who gave one wrong token after another; the connection is closed, so that the next takes a new one. */
export function tooManyGuesses(c: Context) {
  c.header('retry-after', '60');
  c.header('connection', 'close');
  return jsonError(c, 429, 'TOO_MANY', guessedTooOften);
}

export const unknownToken = 'This token is not known.';

export const signInFirst =
  'Sign in first: send the token as "Authorization: Bearer …", or sign in on the page.';
