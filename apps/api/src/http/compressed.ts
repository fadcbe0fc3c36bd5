import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { MiddlewareHandler } from 'hono';

const leastBytes = 1_024;
/** Not what is told as it happens, which must not wait for more. */
const compressible = /^(application\/([\w-]+\+)?json|text\/plain)\b/;
const squeeze = promisify(gzip);

/**
 * Sends long answers by gzip to who can read it. Each is compressed as a whole and not as a stream: so what a client
 * leaves unread lies in its connection, where it is counted.
 */
export const compressed: MiddlewareHandler = async (c, next) => {
  await next();
  const { headers } = c.res;
  const type = headers.get('content-type') ?? '';
  // GraphiQL, of megabytes: only to look at the body has it copied.
  if (type.startsWith('text/html')) return;
  const { body } = c.res;
  if (!body || headers.has('content-encoding') || !compressible.test(type)) return;
  c.header('vary', 'accept-encoding', { append: true });
  const accepted = c.req.header('accept-encoding') ?? '';
  if (c.req.method === 'HEAD' || !/\bgzip\b/.test(accepted)) return;
  const { status, headers: said } = c.res;
  const plain = await c.res.arrayBuffer();
  const small = plain.byteLength < leastBytes ? null : await squeeze(plain);
  const kept = new Headers(said);
  kept.delete('content-length');
  if (small) kept.set('content-encoding', 'gzip');
  c.res = undefined;
  c.res = new Response(small ?? plain, { status, headers: kept });
};
