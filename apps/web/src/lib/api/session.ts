import { resolve } from '$app/paths';

export type Role = 'VIEWER' | 'OPERATOR';

export interface SessionAnswer {
  authRequired: boolean;
  /** Null: not signed in. */
  role: Role | null;
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

export async function signOut(): Promise<void> {
  await send('DELETE');
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
  const { authRequired, role } = (await response.json()) as { authRequired: boolean; role: string | null };
  const upper = role?.toUpperCase();
  return { authRequired, role: upper === 'OPERATOR' || upper === 'VIEWER' ? upper : null };
}
