import type { Logger } from '@lockstep/checks';
import { Hono } from 'hono';
import { jsonError, unknownToken } from '../json-error.ts';
import type { Authenticator } from './authenticator.ts';
import { setSessionCookie } from './cookie.ts';

interface SessionDeps {
  authenticator: Authenticator;
  log: Logger;
  /** Called when a session was ended, to close what was opened by it. */
  onSignOut: () => void;
}

/** `/api/session`: the page signs in with a token, and keeps a cookie that scripts cannot read. */
export function sessionRoutes({ authenticator, log, onSignOut }: SessionDeps): Hono {
  const routes = new Hono();

  routes.get('/', (c) => {
    const caller = authenticator.byHeaders({
      authorization: c.req.header('authorization'),
      cookie: c.req.header('cookie'),
    });
    return c.json({
      authRequired: authenticator.required,
      name: caller?.viewer.name ?? null,
      role: caller?.viewer.role ?? null,
    });
  });

  routes.post('/', async (c) => {
    if (!authenticator.required) {
      return jsonError(c, 409, 'CONFLICT', 'Authentication is off: there is nothing to sign in to.');
    }
    const token = tokenIn(await c.req.json<unknown>().catch(() => null));
    if (token === null) return jsonError(c, 400, 'INVALID', 'Expected JSON like {"token": "…"}.');
    const session = authenticator.signIn(token);
    if (!session) {
      log.warn({}, 'somebody tried to sign in with a token that is not known');
      return jsonError(c, 401, 'UNAUTHENTICATED', unknownToken);
    }
    const { name, role } = session.viewer;
    log.info({ name, role }, 'signed in');
    c.header('set-cookie', setSessionCookie(session.id, isHttps(c.req.header('origin'))));
    return c.json({ authRequired: true, name, role });
  });

  routes.delete('/', (c) => {
    authenticator.signOut(c.req.header('cookie'));
    onSignOut();
    c.header('set-cookie', setSessionCookie(null, isHttps(c.req.header('origin'))));
    return c.json({ authRequired: authenticator.required, name: null, role: null });
  });

  return routes;
}

function tokenIn(body: unknown): string | null {
  const token = typeof body === 'object' && body !== null && 'token' in body ? body.token : null;
  return typeof token === 'string' && token !== '' ? token : null;
}

function isHttps(origin: string | undefined): boolean {
  return origin?.startsWith('https:') ?? false;
}
