import { parse, serialize } from 'hono/utils/cookie';
import { sessionLifetimeMs } from './sessions.ts';

const name = 'lockstep_session';

/** The session id in a Cookie header; null for none. */
export function sessionCookie(header: string | undefined): string | null {
  return (header && parse(header, name)[name]) || null;
}

/**
 * The Set-Cookie header of a session; without an id, the one that takes the cookie away.
 * `secure` where the browser came by https, which this service sees only through a proxy.
 */
export function setSessionCookie(id: string | null, secure: boolean): string {
  return serialize(name, id ?? '', {
    httpOnly: true,
    sameSite: 'Strict',
    path: '/',
    secure,
    maxAge: id === null ? 0 : sessionLifetimeMs / 1000,
  });
}
