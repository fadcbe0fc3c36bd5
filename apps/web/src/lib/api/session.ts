import { resolve } from '$app/paths';

export type Role = 'VIEWER' | 'OPERATOR';

export interface SessionAnswer {
  authRequired: boolean;
  /** Null: not signed in. */
  role: Role | null;
  name: string | null;
  ways: SignInWays;
}

/** How somebody can sign in here. */
export interface SignInWays {
  token: boolean;
  /** What the OpenID Connect provider is called; null for none. */
  provider: string | null;
  /** Why whom a proxy names is turned away; null for nobody. */
  refused: string | null;
}

/** Thrown when the service could not be asked, or answered what it should not. */
export class SessionError extends Error {
  readonly status: number | null;
  constructor(status: number | null, message: string) {
    super(message);
    this.name = 'SessionError';
    this.status = status;
  }
}

export async function readSession(): Promise<SessionAnswer> {
  return answer(await send('GET'));
}

/** Rejects with status 401 when the token is not known. */
export async function signIn(token: string): Promise<SessionAnswer> {
  return answer(await send('POST', { token }));
}

/** Resolves to where the sign-out goes on, at the provider; null for nowhere. */
export async function signOut(): Promise<string | null> {
  const { signOutUrl } = (await (await send('DELETE')).json()) as { signOutUrl?: string };
  return signOutUrl ?? null;
}

async function send(method: string, body?: object): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`${resolve('/')}api/session`, {
      method,
      credentials: 'same-origin',
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
  } catch {
    throw new SessionError(null, 'The service did not answer.');
  }
  if (!response.ok) throw new SessionError(response.status, `The service answered ${response.status}.`);
  return response;
}

async function answer(response: Response): Promise<SessionAnswer> {
  const { authRequired, role, name, tokens, oidc, refused } = (await response.json()) as {
    authRequired: boolean;
    role: string | null;
    name: string | null;
    tokens?: false;
    oidc?: string;
    refused?: string;
  };
  const upper = role?.toUpperCase();
  return {
    authRequired,
    role: upper === 'OPERATOR' || upper === 'VIEWER' ? upper : null,
    name,
    ways: { token: tokens ?? true, provider: oidc ?? null, refused: refused ?? null },
  };
}
