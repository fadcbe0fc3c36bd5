import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';

/** For everything that is not a page: such an answer has no business loading or framing anything. */
export const answerPolicy = "default-src 'none'; frame-ancestors 'none'";

const usual = secureHeaders({
  crossOriginResourcePolicy: 'same-origin',
  crossOriginOpenerPolicy: 'same-origin',
  referrerPolicy: 'no-referrer',
  xFrameOptions: 'DENY',
  // Whether https is used is decided by the proxy in front, and so is HSTS.
  strictTransportSecurity: false,
  permissionsPolicy: { camera: [], geolocation: [], microphone: [], payment: [], usb: [] },
});

/** The usual security headers; answers say how they may be cached and what they may load, or neither. */
export const securityHeaders: MiddlewareHandler = (c, next) =>
  usual(c, async () => {
    await next();
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store');
    if (!c.res.headers.has('content-security-policy')) {
      c.res.headers.set('content-security-policy', answerPolicy);
    }
  });
