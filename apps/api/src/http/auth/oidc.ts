import { randomBytes } from 'node:crypto';
import { EncryptJWT, jwtDecrypt } from 'jose';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  calculatePKCECodeChallenge,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  customFetch,
  discovery,
  fetchUserInfo,
  None,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import type { OidcConfig, Role } from '../../config/loaded.ts';
import { printable } from '../../printable.ts';
import { within } from '../../within.ts';
import { providerFetch } from './provider-fetch.ts';
import { roleOf } from './roles.ts';

/** How long somebody may take at the provider. */
export const beginLifetimeMs = 10 * 60_000;
const timeoutSeconds = 10;
/** A provider may move its addresses. */
const discoveredMs = 60 * 60_000;
/** One that could not be asked is not asked again so soon: anybody can begin a sign-in. */
const notAgainMs = 2_000;
/** Whoever signs out is signed out here; they wait no longer than this to be so at the provider. */
const signOutMs = 2_000;
const longestName = 200;
/** What is longer does not fit into the cookie. */
const longestPath = 2_000;

/** Somebody whom the provider named. */
export interface SignedIn {
  name: string;
  /** Theirs alone with this provider, and theirs for good. */
  sub: string;
  /** Null: nothing that it says of them has a role. */
  role: Role | null;
  /** Tells the provider at the sign-out who goes. */
  idToken: string | undefined;
  /** Where they wanted to go: a path of the page, the base path included. */
  to: string;
}

/** A sign-in that was not begun in this browser, or too long ago. */
export class StaleSignIn extends Error {
  override name = 'StaleSignIn';
}

/** What is remembered of a sign-in that was begun. */
interface Begun {
  state: string;
  nonce: string;
  verifier: string;
  to: string;
}

type Claims = Record<string, unknown>;

/**
 * Signs people in with an OpenID Connect provider: the code flow with PKCE, state and nonce. What it has to remember
 * meanwhile is in a cookie that only this process can read, so nobody who begins sign-ins fills its memory. The
 * provider is asked for its addresses at the first sign-in: one that is down keeps nothing from starting.
 */
export class Oidc {
  readonly config: OidcConfig;
  /** Where people reach the page, without a slash at its end. */
  readonly publicUrl: string;
  /** Of this process: a sign-in that spans a restart is begun again. */
  readonly #key = randomBytes(32);
  /** By a clock that nobody sets. */
  #discovered: { until: number; provider: Promise<Configuration> } | undefined;
  /** As it was when it last answered. */
  #known: Configuration | undefined;

  constructor(config: OidcConfig, publicUrl: string) {
    this.config = config;
    this.publicUrl = publicUrl.replace(/\/+$/, '');
  }

  /** Where the browser goes, and what it brings back. Rejects where the provider cannot be asked. */
  async begin(to: string): Promise<{ location: URL; sealed: string }> {
    const provider = await this.#provider();
    const [state, nonce, verifier] = [randomState(), randomNonce(), randomPKCECodeVerifier()];
    const location = buildAuthorizationUrl(provider, {
      redirect_uri: `${this.publicUrl}/oidc/callback`,
      scope: this.config.scopes.join(' '),
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    const sealed = await new EncryptJWT({ state, nonce, verifier, to: this.#ownPath(to) })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setExpirationTime(new Date(Date.now() + beginLifetimeMs))
      .encrypt(this.#key);
    return { location, sealed };
  }

  /** `search`: what the provider sent back. Asks nobody. Rejects with StaleSignIn. */
  async begun(search: string, sealed: string | undefined): Promise<Begun> {
    const begun = await this.#unsealed(sealed);
    if (new URLSearchParams(search).get('state') !== begun.state) throw new StaleSignIn();
    return begun;
  }

  /** Rejects with what the provider says or fails with. */
  async finish(search: string, { state, nonce, verifier, to }: Begun): Promise<SignedIn> {
    const provider = await this.#provider();
    const back = new URL(`${this.publicUrl}/oidc/callback${search}`);
    const tokens = await authorizationCodeGrant(provider, back, {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    });
    const claims: Claims & { sub: string } = { ...tokens.claims()! };
    if (this.#lacks(claims) && provider.serverMetadata().userinfo_endpoint) {
      Object.assign(claims, await fetchUserInfo(provider, tokens.access_token, claims.sub));
    }
    if (claims['email_verified'] === false) delete claims['email'];
    const { roleClaim, roles } = this.config;
    const said = roleClaim === undefined ? [] : textsOf(claimAt(claims, roleClaim));
    const sub = printable(claims.sub).slice(0, longestName);
    return { name: this.#nameOf(claims), sub, role: roleOf(said, roles), idToken: tokens.id_token, to };
  }

  /** Where the browser goes to end the session at the provider, too; null where it offers none, or does not answer. */
  async signOutUrl(idToken: string | undefined): Promise<URL | null> {
    try {
      if (!this.#known) await within(signOutMs, this.#provider(), () => {});
      const provider = this.#known;
      if (!provider?.serverMetadata().end_session_endpoint) return null;
      return buildEndSessionUrl(provider, {
        post_logout_redirect_uri: `${this.publicUrl}/`,
        ...(idToken !== undefined && { id_token_hint: idToken }),
      });
    } catch {
      return null;
    }
  }

  #provider(): Promise<Configuration> {
    if (this.#discovered && performance.now() < this.#discovered.until) return this.#discovered.provider;
    const { issuer, clientId, clientSecret } = this.config;
    const url = new URL(issuer);
    const provider = discovery(url, clientId, clientSecret, authOf(clientSecret), {
      timeout: timeoutSeconds,
      [customFetch]: providerFetch,
      // The configuration admits it of this machine alone.
      ...(url.protocol === 'http:' && { execute: [allowInsecureRequests] }),
    });
    const discovered = (this.#discovered = { until: performance.now() + discoveredMs, provider });
    provider.then(
      (known) => void (this.#known = known),
      () => void (discovered.until = performance.now() + notAgainMs),
    );
    return provider;
  }

  async #unsealed(sealed: string | undefined): Promise<Begun> {
    try {
      const { payload } = await jwtDecrypt<Begun>(sealed ?? '', this.#key, {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      return payload;
    } catch {
      throw new StaleSignIn();
    }
  }

  /** A path of ours below the base, whatever was asked for: a sign-in leads nowhere else. */
  #ownPath(to: string): string {
    const base = new URL(`${this.publicUrl}/`);
    const asked = URL.canParse(to, base) && to.startsWith('/') ? new URL(to, base) : base;
    const path = asked.pathname + asked.search + asked.hash;
    const isOurs = asked.origin === base.origin && asked.pathname.startsWith(base.pathname);
    return isOurs && path.length <= longestPath ? path : base.pathname;
  }

  #lacks(claims: Claims): boolean {
    const { roleClaim } = this.config;
    return (
      this.#named(claims) === null || (roleClaim !== undefined && claimAt(claims, roleClaim) === undefined)
    );
  }

  #named(claims: Claims): string | null {
    const { nameClaim } = this.config;
    const names = (nameClaim === undefined ? ['preferred_username', 'email'] : [nameClaim]).map((claim) =>
      claimAt(claims, claim),
    );
    const name = names.find((value) => typeof value === 'string' && value !== '');
    return typeof name === 'string' ? name : null;
  }

  #nameOf(claims: Claims & { sub: string }): string {
    return printable(this.#named(claims) ?? claims.sub).slice(0, longestName);
  }
}

/** By the way that the provider takes; without a secret, PKCE alone keeps others from using the code. */
function authOf(secret: string | undefined): ClientAuth {
  if (secret === undefined) return None();
  const [basic, post] = [ClientSecretBasic(secret), ClientSecretPost(secret)];
  return (server, ...request) => {
    const takes = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    return (takes.includes('client_secret_basic') ? basic : post)(server, ...request);
  };
}

/** By its name, or by the names on the way to it: `realm_access.roles`. */
function claimAt(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let value: unknown = claims;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Claims)[part];
  }
  return value;
}

function textsOf(value: unknown): string[] {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((each) => typeof each === 'string');
}
