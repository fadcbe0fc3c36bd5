import { type Context, Hono } from 'hono';
import { type Audit, refusedSignIn } from '../../audit.ts';
import type { Viewer } from '../../graphql/viewer.ts';
import { jsonError, tooManyGuesses, unknownToken } from '../json-error.ts';
import { Arrivals } from './arrivals.ts';
import type { Authenticator, Caller } from './authenticator.ts';
import { setSessionCookie } from './cookie.ts';

interface SessionDeps {
  authenticator: Authenticator;
  basePath: string;
  audit: Pick<Audit, 'record'>;
  /** Who asks, by the headers. */
  identify: (c: Context) => Caller | null;
  /** Who is named and may do nothing here. */
  refused: (c: Context) => { name: string; why: string } | null;
  addressOf: (c: Context) => string;
  /** Called for a token that is not known; true when too many came from there. */
  guessed: (c: Context) => boolean;
  /** Called when a session was ended, to close what was opened by it. */
  onSignOut: () => void;
}

/** `/api/session`: the page signs in with a token, and keeps a cookie that scripts cannot read. */
export function sessionRoutes({
  authenticator,
  basePath,
  audit,
  identify,
  refused,
  addressOf,
  guessed,
  onSignOut,
}: SessionDeps): Hono {
  const routes = new Hono();
  const arrivals = new Arrivals();
  const did = ({ name, role }: Viewer, c: Context) => ({
    who: name,
    role,
    way: 'token' as const,
    address: addressOf(c),
    subject: '',
    outcome: 'done' as const,
    message: null,
  });

  routes.get('/', (c) => {
    const caller = identify(c);
    const turnedAway = caller ? null : refused(c);
    if (caller?.way === 'proxy' && arrivals.isNew(`${caller.viewer.name} ${addressOf(c)}`)) {
      audit.record({ ...did(caller.viewer, c), way: 'proxy', action: 'signIn' });
    }
    if (turnedAway) {
      const { name: who, why } = turnedAway;
      audit.record({ ...refusedSignIn(addressOf(c), why), who, way: 'proxy' });
    }
    return c.json({
      authRequired: authenticator.required,
      name: caller?.viewer.name ?? null,
      role: caller?.viewer.role ?? null,
      ...(caller === null && authenticator.ways),
      ...(turnedAway && { refused: turnedAway.why }),
    });
  });

  routes.post('/', async (c) => {
    if (!authenticator.required) {
      return jsonError(c, 409, 'CONFLICT', 'Authentication is off: there is nothing to sign in to.');
    }
    const token = tokenIn(await c.req.json<unknown>().catch(() => null));
    if (token === null) return jsonError(c, 400, 'INVALID', 'Expected JSON like {"token": "…"}.');
    const session = authenticator.signIn(token, c.req.header('cookie'));
    if (!session) {
      if (guessed(c)) return tooManyGuesses(c);
      return jsonError(c, 401, 'UNAUTHENTICATED', unknownToken);
    }
    const { name, role } = session.viewer;
    audit.record({ ...did(session.viewer, c), action: 'signIn' });
    onSignOut();
    c.header('set-cookie', setSessionCookie(session.id, isHttps(c.req.header('origin')), basePath));
    return c.json({ authRequired: true, name, role });
  });

  routes.delete('/', async (c) => {
    const ended = authenticator.signOut(c.req.header('cookie'));
    if (ended) audit.record({ ...did(ended.viewer, c), way: ended.way, action: 'signOut' });
    onSignOut();
    c.header('set-cookie', setSessionCookie(null, isHttps(c.req.header('origin')), basePath));
    const goOn = ended?.way === 'oidc' ? await authenticator.oidc?.signOutUrl(ended.idToken) : null;
    return c.json({
      authRequired: authenticator.required,
      name: null,
      role: null,
      ...(goOn && { signOutUrl: goOn.href }),
    });
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
