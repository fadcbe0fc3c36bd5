import type { MiddlewareHandler } from 'hono';
import { accepts } from 'hono/accepts';
import { jsonError } from '../json-error.ts';

/**
 * A form on another site can send a POST without asking, but not with this type: what comes as JSON was sent by a
 * program, or by a page that the browser has asked us about.
 */
export const onlyJson: MiddlewareHandler = async (c, next) => {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (c.req.method === 'POST' && type !== 'application/json') {
    return jsonError(c, 415, 'INVALID', 'Send GraphQL as JSON, with content-type: application/json.');
  }
  return next();
};

/** In which form the library answers. */
const forms = [
  'application/json',
  'application/graphql-response+json',
  'multipart/mixed',
  'text/event-stream',
];

/** It would do what it was asked, and find out then that it cannot say so. */
export const takesAnswers: MiddlewareHandler = async (c, next) => {
  const isAnything = (c.req.header('accept') || '*/*').includes('*/*');
  if (isAnything || accepts(c, { header: 'Accept', supports: forms, default: '' }) !== '') return next();
  return jsonError(c, 406, 'INVALID', `An answer is one of ${forms.join(', ')}: none of these is accepted.`);
};

/** Of a question in an address: the library takes what cannot be read there for an error of its own. */
export const readable: MiddlewareHandler = async (c, next) => {
  if (c.req.method !== 'GET') return next();
  const unreadable = ['variables', 'extensions'].find((name) => !isJson(c.req.query(name)));
  if (unreadable === undefined) return next();
  const message = `\`${unreadable}\` is not valid JSON.`;
  return c.json({ errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] }, 400);
};

/** Or is not there. */
function isJson(text: string | undefined): boolean {
  try {
    if (text) JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
