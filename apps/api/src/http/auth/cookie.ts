import { parse, serialize } from 'hono/utils/cookie';
import { sessionLifetimeMs } from './sessions.ts';

/** Services below several paths of one host have a cookie each: a browser has them all, whatever path they are for. */
const nameFor = (basePath: string) => `lockstep_session${basePath.replaceAll('/', '.')}`;
/** Browsers take this one only over https and for this very host: no neighbour can put its own in the place of it. */
const boundNameFor = (basePath: string) => `__Host-${nameFor(basePath)}`;

/** The session id in a Cookie header; null for none. */
export function sessionCookie(header: string | undefined, basePath: string): string | null {
  return sessionCookies(header, basePath)[0] ?? null;
}

/** All of them, that which counts first: who has come by http and by https has one of each. */
export function sessionCookies(header: string | undefined, basePath: string): string[] {
  const cookies = header ? parse(header) : {};
  return [boundNameFor, nameFor].flatMap((name) => cookies[name(basePath)] || []);
}

/**
 * The Set-Cookie header of a session; without an id, the one that takes the cookie away.
 * `secure` where the browser came by https, which this service sees only through a proxy.
 */
export function setSessionCookie(
  id: string | null,
  secure: boolean,
  basePath: string,
  lifetimeMs = sessionLifetimeMs,
): string {
  return serialize((secure ? boundNameFor : nameFor)(basePath), id ?? '', {
    httpOnly: true,
    sameSite: 'Strict',
    path: '/',
    secure,
    maxAge: id === null ? 0 : lifetimeMs / 1000,
  });
}
