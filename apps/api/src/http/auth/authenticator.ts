import type { AuditWay } from '@lockstep/checks';
import type { AuthConfig, TokenConfig } from '../../config/loaded.ts';
import type { Viewer } from '../../graphql/viewer.ts';
import { sessionCookie } from './cookie.ts';
import { publicId, Sessions, type SessionStore } from './sessions.ts';
import { Tokens } from './tokens.ts';

/** Somebody who may use the API, and for how long: asked again on everything that stays open. */
export interface Caller {
  viewer: Viewer;
  /** How they showed who they are. */
  way: AuditWay;
  /** What they came by; null where nobody is asked who they are. */
  by: { kind: 'session'; id: string } | { kind: 'token'; name: string } | null;
  /** False once the session that they came by has ended. */
  stillValid: () => boolean;
}

/** The two headers that say who is asking. */
export interface Credentials {
  authorization: string | undefined;
  cookie: string | undefined;
}

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
  readonly #sessions: Sessions;

  readonly #basePath: string;

  /** Without a store, sessions end with the process. */
  constructor(auth: AuthConfig, basePath: string, store?: SessionStore) {
    this.#sessions = new Sessions(Date.now, store);
    this.#basePath = basePath;
    this.required = auth.kind === 'tokens';
    this.#tokens = tokensOf(auth);
  }

  /** These tokens count from now on; whether anybody is asked for one stays as it was. */
  admit(auth: AuthConfig): void {
    this.#tokens = tokensOf(auth);
  }

  /**
   * By bearer token, else by session cookie; null for somebody unknown. A wrong token is not saved by a good cookie.
   */
  byHeaders({ authorization, cookie }: Credentials): Caller | null {
    if (!this.required) return anybody;
    if (authorization !== undefined) return this.byAuthorization(authorization);
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
