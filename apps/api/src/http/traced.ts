import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { Traces } from '../tracing/traces.ts';

/** Takes down every request until its answer begins. What goes on after that, such as a subscription, is not in it. */
export function traced(traces: Traces): MiddlewareHandler {
  return async (c, next) => {
    const began = Date.now();
    try {
      await next();
    } finally {
      traces.served({
        method: c.req.method,
        route: routePath(c),
        status: c.res.status,
        began,
        ended: Date.now(),
        traceparent: c.req.header('traceparent'),
      });
    }
  };
}
