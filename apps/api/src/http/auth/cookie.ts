import { parse, serialize } from 'hono/utils/cookie';
import { sessionLifetimeMs } from './sessions.ts';

const name = 'lockstep_session';
/** Browsers take this one only over https and for this very host: no neighbour can put its own in the place of it. */
const boundName = `__Host-${name}`;

/** The session id in a Cookie header; null for none. */
export function sessionCookie(header: string | undefined): string | null {
  const cookies = header ? parse(header) : {};
  return cookies[boundName] || cookies[name] || null;
}

/**
 * The Set-Cookie header of a session; without an id, the one that takes the cookie away.
 * `secure` where the browser came by https, which this service sees only through a proxy.
 */
export function setSessionCookie(id: string | null, secure: boolean): string {
  return serialize(secure ? boundName : name, id ?? '', {
    httpOnly: true,
    sameSite: 'Strict',
    path: '/',
    secure,
    maxAge: id === null ? 0 : sessionLifetimeMs / 1000,
  });
}
