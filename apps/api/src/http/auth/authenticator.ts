import type { IncomingMessage } from 'node:http';
import type { AuditWay } from '@lockstep/checks';
import type { AuthConfig, ProxyHeaderConfig, Role, TokenConfig } from '../../config/loaded.ts';
import type { Viewer } from '../../graphql/viewer.ts';
import { sessionCookie } from './cookie.ts';
import type { Proxied, ProxyHeader } from './proxy-header.ts';
import { roleOf } from './roles.ts';
import { publicId, Sessions, type SessionStore } from './sessions.ts';
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

  /** Without a store, sessions end with the process. */
  constructor(auth: AuthConfig, basePath: string, proxied: ProxyHeader, store?: SessionStore) {
    this.#sessions = new Sessions(Date.now, store);
    this.#proxied = proxied;
    this.#basePath = basePath;
    this.required = auth.kind === 'tokens';
    this.#tokens = tokensOf(auth);
    this.#proxyHeader = proxyHeaderOf(auth);
  }

  /** What is other than the usual of signing in on the page, which is by a token. */
  get ways(): { tokens?: false } {
    return { ...(!this.#tokens.any && { tokens: false }) };
  }

  /** These count from now on; whether anybody is asked who they are stays as it was. */
  admit(auth: AuthConfig): void {
    this.#tokens = tokensOf(auth);
    this.#proxyHeader = proxyHeaderOf(auth);
  }

  /**
   * By bearer token, else by what a proxy says, else by session cookie; null for somebody unknown. A wrong token is not
   * saved by a good cookie, nor somebody without a role.
   */
  byHeaders({ authorization, cookie, request }: Credentials): Caller | null {
    if (!this.required) return anybody;
    if (authorization !== undefined) return this.byAuthorization(authorization);
    const proxied = this.#byProxy(request);
    if (proxied) return proxied.role && this.#proxiedCaller(proxied, proxied.role);
    const id = sessionCookie(cookie, this.#basePath);
    const token = id === null ? null : this.#bySession(id);
    if (id === null || !token) return null;
    return {
      viewer: viewerOf(token),
      way: 'token',
      by: { kind: 'session', id: publicId(id) },
      stillValid: () => this.#bySession(id) !== null && this.#tokens.has(token),
    };
  }

  /** Whom a proxy names, and who may do nothing here all the same: who, and why in a sentence. */
  refused({ authorization, request }: Credentials): { name: string; why: string } | null {
    const proxied = authorization === undefined ? this.#byProxy(request) : null;
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

  #bySession(id: string): TokenConfig | null {
    return this.#sessions.find(id, (name) => this.#tokens.named(name));
  }

  /** Ends the session of the cookie; answers whose it was, null for nobody's. */
  signOut(cookie: string | undefined): Viewer | null {
    const id = sessionCookie(cookie, this.#basePath);
    if (id === null) return null;
    const token = this.#bySession(id);
    this.#sessions.end(id);
    return token && viewerOf(token);
  }
}

function viewerOf({ name, role }: TokenConfig): Viewer {
  return { name, role, authRequired: true };
}

function tokensOf(auth: AuthConfig): Tokens {
  return new Tokens(auth.kind === 'tokens' ? auth.tokens : []);
}

function proxyHeaderOf(auth: AuthConfig): ProxyHeaderConfig | undefined {
  return auth.kind === 'tokens' ? auth.proxyHeader : undefined;
}
