import type { Logger } from '@lockstep/checks';
import { type Context, Hono } from 'hono';
import { parse, serialize } from 'hono/utils/cookie';
import { AuthorizationResponseError, ResponseBodyError } from 'openid-client';
import { type Audit, type Deed, refusedSignIn } from '../../audit.ts';
import { printable } from '../../printable.ts';
import { Tries } from '../guard/tries.ts';
import { plainPage } from '../page/plain-page.ts';
import type { Authenticator } from './authenticator.ts';
import { setSessionCookie } from './cookie.ts';
import { beginLifetimeMs, type Oidc, StaleSignIn } from './oidc.ts';

interface OidcDeps {
  authenticator: Authenticator;
  basePath: string;
  audit: Pick<Audit, 'record'>;
  log: Logger;
  addressOf: (c: Context) => string;
  /** Called when a session was ended, to close what was opened by it. */
  onSignOut: () => void;
}

/**
 * `/oidc`: a browser begins a sign-in with the provider here, and is sent back here. Outside of `/api`, for the
 * provider's page leads here.
 */
export function oidcRoutes({ authenticator, basePath, audit, log, addressOf, onSignOut }: OidcDeps): Hono {
  const routes = new Hono();
  const tries = new Tries(allowance);
  const logged = new WeakSet<object>();
  /** What several asked for together failed once. */
  const warn = ({ config }: Oidc, error: unknown, message: string, code?: string) => {
    const failed = error instanceof Error ? error : new Error('unknown');
    if (logged.has(failed)) return;
    logged.add(failed);
    log.warn({ issuer: config.issuer, reason: reasonOf(failed, [config.clientSecret, code]) }, message);
  };
  const cookieName = (secure: boolean) =>
    `${secure ? '__Host-' : ''}lockstep_sign_in${basePath.replaceAll('/', '.')}`;
  const setCookie = (c: Context, { publicUrl }: Oidc, sealed: string | null) => {
    const secure = publicUrl.startsWith('https:');
    // Lax: the browser has to bring it along when the provider sends it back.
    const cookie = serialize(cookieName(secure), sealed ?? '', {
      httpOnly: true,
      sameSite: 'Lax',
      path: '/',
      secure,
      maxAge: sealed === null ? 0 : beginLifetimeMs / 1000,
    });
    c.header('set-cookie', cookie, { append: true });
  };
  const say = (c: Context, status: 400 | 403 | 404 | 429 | 502, sentence: string) =>
    plainPage(c, status, 'Not signed in', sentence, { href: `${basePath}/`, words: 'Back to Lockstep' });

  routes.get('/sign-in', async (c) => {
    const { oidc } = authenticator;
    if (!oidc) return say(c, 404, notOffered);
    try {
      const { location, sealed } = await oidc.begin(c.req.query('to') ?? '/');
      setCookie(c, oidc, sealed);
      return c.redirect(location.href);
    } catch (error) {
      warn(oidc, error, 'the OpenID Connect provider cannot be asked');
      return say(c, 502, notAnswering);
    }
  });

  routes.get('/callback', async (c) => {
    const { oidc } = authenticator;
    if (!oidc) return say(c, 404, notOffered);
    const secure = oidc.publicUrl.startsWith('https:');
    const sealed = parse(c.req.header('cookie') ?? '')[cookieName(secure)];
    setCookie(c, oidc, null);
    const address = addressOf(c);
    const refuse = (status: 400 | 403 | 429 | 502, sentence: string, who: Partial<Deed> = {}) => {
      audit.record({ ...refusedSignIn(address, sentence), ...who });
      return say(c, status, sentence);
    };
    try {
      const { search } = new URL(c.req.url);
      const begun = await oidc.begun(search, sealed);
      // From here on the provider is asked, as this service: who sends made-up codes does not use that up.
      if (tries.tried(address)) return refuse(429, tooMany);
      const { name, sub, role, idToken, to } = await oidc.finish(search, begun);
      tries.forgive(address);
      const subject = name === sub ? '' : `as ${sub}`;
      const way: Deed['way'] = 'oidc';
      if (!role) return refuse(403, noRole(name, oidc.config.roleClaim), { who: name, way, subject });
      const person = { name, sub, role };
      const { id, viewer } = authenticator.signInPerson(oidc, person, idToken, c.req.header('cookie'));
      onSignOut();
      audit.record({
        ...{ who: viewer.name, role, way, address, action: 'signIn', subject },
        ...{ outcome: 'done', message: null },
      });
      const { sessionMs } = oidc.config;
      c.header('set-cookie', setSessionCookie(id, secure, basePath, sessionMs), { append: true });
      return c.redirect(new URL(oidc.publicUrl).origin + to);
    } catch (error) {
      if (error instanceof StaleSignIn) return refuse(400, stale);
      if (error instanceof AuthorizationResponseError) return refuse(403, denied(error));
      warn(oidc, error, 'a sign-in with the OpenID Connect provider failed', c.req.query('code'));
      return refuse(502, notConfirmed);
    }
  });

  return routes;
}

/** Codes that the provider does not know, by the address that they come from. */
const allowance = { atOnce: 20, oneMoreMs: 3_000 };
const longestReason = 300;

const notOffered = 'This service signs nobody in with an OpenID Connect provider.';
const notAnswering =
  'The provider that signs people in cannot be asked now. Why is in the log; try again later.';
const notConfirmed = 'The provider did not confirm the sign-in. Why is in the log; try again.';
const tooMany = 'Too many sign-ins failed. Wait a minute, then begin again.';
const stale = 'This sign-in was not begun in this browser, or more than ten minutes ago. Begin it again.';

function noRole(name: string, roleClaim: string | undefined): string {
  const by =
    roleClaim === undefined
      ? 'http.auth.oidc'
      : `nothing in "${roleClaim}" has a role in http.auth.oidc.roles`;
  return `"${name}" may not use Lockstep: ${by}.`;
}

/** Anybody may have made up what it says. */
function denied({ error }: AuthorizationResponseError): string {
  return `The provider did not sign you in: ${printable(error).slice(0, 100)}.`;
}

/** Without what was sent: a code and a secret were among it. A provider may quote either. */
function reasonOf(error: Error, sent: (string | undefined)[]): string {
  let reason = wordsOf(error);
  // A code may be made up: of one letter it would black out the rest.
  for (const secret of sent) if (secret && secret.length >= 8) reason = reason.replaceAll(secret, '…');
  return printable(reason).slice(0, longestReason);
}

function wordsOf(error: Error): string {
  if (error instanceof ResponseBodyError) {
    return `${error.error}: ${error.error_description ?? error.message}`;
  }
  return error.cause instanceof Error ? `${error.message}: ${wordsOf(error.cause)}` : error.message;
}
