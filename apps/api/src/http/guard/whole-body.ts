import type { IncomingMessage } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';

/** What a chunk counts as at least, in bytes: to take one apart costs about as much as so many of them. */
const leastOfChunk = 16;

/**
 * Gathers what a request brings before anybody reads it: through the web's streams each chunk is work of its own, and
 * a body of one byte a chunk took half a second of one turn. What is larger than `maxSize`, in bytes, is answered by
 * `onError`, and no more of it is gathered.
 */
export function wholeBody(
  maxSize: number,
  onError: (c: Context) => Response | Promise<Response>,
): MiddlewareHandler<{ Bindings: HttpBindings }> {
  return async (c, next) => {
    const { incoming } = c.env;
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return next();
    if (Number(incoming.headers['content-length'] ?? 0) > maxSize) return onError(c);
    const body = await gathered(incoming, maxSize);
    if (!body) return onError(c);
    // This is what the adapter takes for the body, where there is one.
    (incoming as IncomingMessage & { rawBody: Buffer }).rawBody = body;
    return next();
  };
}

/** Null for what is too large; of a client that goes away, what it sent. */
function gathered(incoming: IncomingMessage, maxSize: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve) => {
    const end = (body: Buffer | null) => {
      incoming.off('data', heard).off('end', whole).off('close', whole);
      resolve(body);
    };
    const whole = () => end(Buffer.concat(chunks));
    const heard = (chunk: Buffer) => {
      size += Math.max(chunk.length, leastOfChunk);
      if (size <= maxSize) chunks.push(chunk);
      else {
        incoming.pause();
        end(null);
      }
    };
    // Whoever is gone already is not told of any more.
    if (incoming.destroyed) whole();
    else incoming.on('data', heard).once('end', whole).once('close', whole);
  });
}
