import type { IncomingMessage } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import type { AuditWay } from '@lockstep/checks';
import type { AuthConfig, HttpConfig, ProxyHeaderConfig, Role, TokenConfig } from '../../config/loaded.ts';
import type { Viewer } from '../../graphql/viewer.ts';
import { sessionCookie, sessionCookies } from './cookie.ts';
import { IdTokens } from './id-tokens.ts';
import { Oidc } from './oidc.ts';
import type { Proxied, ProxyHeader } from './proxy-header.ts';
import { roleOf } from './roles.ts';
import { type Person, publicId, Sessions, type SessionStore } from './sessions.ts';
import { Tokens } from './tokens.ts';

/** Somebody who may use the API, and for how long: asked again on everything that stays open. */
export interface Caller {
  viewer: Viewer;
  /** How they showed who they are. */
  way: AuditWay;
  /** What they came by; null where nobody is asked who they are. */
  by: { kind: 'session'; id: string } | { kind: 'token' | 'proxy'; name: string } | null;
  /** False once the session that they came by has ended. */
  stillValid: () => boolean;
}

/** What says who is asking. */
export interface Credentials {
  authorization: string | undefined;
  cookie: string | undefined;
  /** As it came in, for what a proxy says; absent where it came over no network. */
  request?: IncomingMessage | undefined;
}

/** Whose session ended, and how they had shown who they are. */
export interface SignedOut {
  viewer: Viewer;
  way: AuditWay;
  idToken: string | undefined;
}

/** Somebody whom a proxy names is asked for again after so long: it may have signed them out meanwhile. */
const proxiedMs = 12 * 60 * 60_000;

const anybody: Caller = {
  viewer: { name: 'anonymous', role: 'operator', authRequired: false },
  way: 'none',
  by: null,
  stillValid: () => true,
};

/** Says who is asking. With authentication off, everybody is the anonymous operator. */
export class Authenticator {
  readonly required: boolean;
  #tokens: Tokens;
  #proxyHeader: ProxyHeaderConfig | undefined;
  readonly #sessions: Sessions;
  readonly #proxied: ProxyHeader;

  readonly #basePath: string;
  /** Who signs people in; absent: nobody. */
  oidc: Oidc | undefined;
  /** What tells the provider who signs out; after a restart it is not told. */
  readonly #idTokens = new IdTokens();

  /** Without a store, sessions end with the process. */
  constructor(
    { auth, basePath, publicUrl }: Pick<HttpConfig, 'auth' | 'basePath' | 'publicUrl'>,
    proxied: ProxyHeader,
    store?: SessionStore,
  ) {
    this.#sessions = new Sessions(Date.now, store);
    this.#proxied = proxied;
    this.#basePath = basePath;
    this.required = auth.kind === 'tokens';
    this.#tokens = tokensOf(auth);
    this.#proxyHeader = proxyHeaderOf(auth);
    this.oidc = oidcOf(auth, publicUrl);
  }

  /** What is other than the usual of signing in on the page, which is by a token. */
  get ways(): { tokens?: false; oidc?: string } {
    return {
      ...(!this.#tokens.any && { tokens: false }),
      ...(this.oidc && { oidc: this.oidc.config.label }),
    };
  }

  /** These count from now on; whether anybody is asked who they are stays as it was. */
  admit({ auth, publicUrl }: Pick<HttpConfig, 'auth' | 'publicUrl'>): void {
    this.#tokens = tokensOf(auth);
    this.#proxyHeader = proxyHeaderOf(auth);
    const now = oidcOf(auth, publicUrl);
    const same = isDeepStrictEqual([now?.config, now?.publicUrl], [this.oidc?.config, this.oidc?.publicUrl]);
    if (!same) this.oidc = now;
  }

  /**
   * By bearer token, else by what a proxy says, else by session cookie; null for somebody unknown. A wrong token is not
   * saved by a good cookie, nor somebody without a role.
   */
  byHeaders(credentials: Credentials): Caller | null {
    if (!this.required) return anybody;
    const { authorization = '', cookie } = credentials;
    if (this.givesToken(credentials)) return this.byAuthorization(authorization);
    const proxied = this.#byProxy(credentials.request);
    if (proxied) return proxied.role && this.#proxiedCaller(proxied, proxied.role);
    const id = sessionCookie(cookie, this.#basePath);
    if (id === null) return null;
    const token = this.#bySession(id);
    if (!token) return this.#personCaller(id);
    return {
      viewer: viewerOf(token),
      way: 'token',
      by: { kind: 'session', id: publicId(id) },
      stillValid: () => this.#bySession(id) !== null && this.#tokens.has(token),
    };
  }

  /**
   * Whether there is a header that is a token, or should be. A password that a proxy asked for and passes on beside
   * the name of whose it is is none.
   */
  givesToken({ authorization, request }: Credentials): boolean {
    if (authorization === undefined) return false;
    return !/^Basic /i.test(authorization) || !this.#byProxy(request);
  }

  /** Whom a proxy names, and who may do nothing here all the same: who, and why in a sentence. */
  refused(credentials: Credentials): { name: string; why: string } | null {
    const proxied = this.givesToken(credentials) ? null : this.#byProxy(credentials.request);
    if (!proxied || proxied.role) return null;
    const { roleHeader } = this.#proxyHeader ?? {};
    return {
      name: proxied.name,
      why: `"${proxied.name}" may not use Lockstep: nothing that ${roleHeader} says has a role in http.auth.proxyHeader.roles.`,
    };
  }

  #byProxy(request: IncomingMessage | undefined): Proxied | null {
    return request && this.#proxyHeader ? this.#proxied.of(request, this.#proxyHeader) : null;
  }

  #proxiedCaller({ name, said }: Proxied, role: Role): Caller {
    const until = Date.now() + proxiedMs;
    return {
      viewer: { name, role, authRequired: true },
      way: 'proxy',
      by: { kind: 'proxy', name },
      stillValid: () =>
        Date.now() < until &&
        this.#proxyHeader !== undefined &&
        roleOf(said, this.#proxyHeader.roles) === role,
    };
  }

  /** By the value of an Authorization header. */
  byAuthorization(authorization: string): Caller | null {
    if (!this.required) return anybody;
    const presented = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    const token = presented === undefined ? null : this.#tokens.find(presented);
    return (
      token && {
        viewer: viewerOf(token),
        way: 'token',
        by: { kind: 'token', name: token.name },
        stillValid: () => this.#tokens.has(token),
      }
    );
  }

  /**
   * Begins a session for whoever holds this token, in place of the one of the cookie; null when nobody does.
   */
  signIn(presented: string, cookie?: string): { id: string; viewer: Viewer } | null {
    const token = this.#tokens.find(presented);
    if (token) this.signOut(cookie);
    return token && { id: this.#sessions.begin(token), viewer: viewerOf(token) };
  }

  #personCaller(id: string): Caller | null {
    const person = this.#personOf(id);
    return (
      person && {
        viewer: viewerOf(person),
        way: 'oidc',
        by: { kind: 'session', id: publicId(id) },
        stillValid: () => this.#personOf(id) !== null,
      }
    );
  }

  #personOf(id: string): Person | null {
    return this.oidc ? this.#sessions.personOf(id, bondOf(this.oidc)) : null;
  }

  /** Begins a session for somebody whom the provider named, in place of the one of the cookie. */
  signInPerson(
    oidc: Oidc,
    person: Person,
    idToken: string | undefined,
    cookie?: string,
  ): { id: string; viewer: Viewer } {
    this.signOut(cookie);
    const told = { ...person, name: this.#sessions.nameOf(person) };
    const id = this.#sessions.beginOf(told, bondOf(oidc), oidc.config.sessionMs);
    if (idToken !== undefined) this.#idTokens.keep(publicId(id), idToken);
    return { id, viewer: viewerOf(told) };
  }

  #bySession(id: string): TokenConfig | null {
    return this.#sessions.find(id, (name) => this.#tokens.named(name));
  }

  /** Ends what the cookies name, all of it, lest another go on; answers whose the first was, null for nobody's. */
  signOut(cookie: string | undefined): SignedOut | null {
    const ended = sessionCookies(cookie, this.#basePath).map((id) => this.#end(id));
    return ended.find((each) => each !== null) ?? null;
  }

  #end(id: string): SignedOut | null {
    const token = this.#bySession(id);
    const person = this.#personOf(id);
    const idToken = this.#idTokens.take(publicId(id));
    this.#sessions.end(id);
    if (person) return { viewer: viewerOf(person), way: 'oidc', idToken };
    return token && { viewer: viewerOf(token), way: 'token', idToken };
  }
}

function viewerOf({ name, role }: Pick<TokenConfig, 'name' | 'role'>): Viewer {
  return { name, role, authRequired: true };
}

function tokensOf(auth: AuthConfig): Tokens {
  return new Tokens(auth.kind === 'tokens' ? auth.tokens : []);
}

function proxyHeaderOf(auth: AuthConfig): ProxyHeaderConfig | undefined {
  return auth.kind === 'tokens' ? auth.proxyHeader : undefined;
}

function oidcOf(auth: AuthConfig, publicUrl: string | undefined): Oidc | undefined {
  if (auth.kind !== 'tokens' || !auth.oidc || publicUrl === undefined) return undefined;
  return new Oidc(auth.oidc, publicUrl);
}

/** Another provider, and other roles, sign everybody out who came by them. */
function bondOf({ config }: Oidc): string {
  const { issuer, clientId, nameClaim = null, roleClaim = null, roles } = config;
  return JSON.stringify([issuer, clientId, nameClaim, roleClaim, roles]);
}
