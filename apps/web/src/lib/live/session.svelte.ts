import {
  readSession,
  type Role,
  type SessionAnswer,
  SessionError,
  signIn,
  type SignInWays,
  signOut,
} from '#lib/api/session.ts';
import { backoffMs } from './backoff.ts';

export type SessionState = 'asking' | 'unreachable' | 'signed-out' | 'open';

/** Who this browser is to the service. */
export class Session {
  state = $state<SessionState>('asking');
  role = $state<Role>('VIEWER');
  authRequired = $state(false);
  name = $state('');
  ways = $state.raw<SignInWays>({ token: true, provider: null, refused: null });
  #timer: ReturnType<typeof setTimeout> | undefined;
  #retries = 0;

  /** Why this person may change nothing; null when they may. */
  get denied(): string | null {
    return this.role === 'OPERATOR' ? null : 'Signed in as viewer: this needs the operator role';
  }

  /** Asks until the service answers. */
  async refresh(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      this.#take(await readSession());
      this.#retries = 0;
    } catch {
      if (this.state === 'asking') this.state = 'unreachable';
      this.#timer = setTimeout(() => void this.refresh(), backoffMs(this.#retries));
      this.#retries += 1;
    }
  }

  /** Resolves to the sentence that says why not, or to null when signed in. */
  async signIn(token: string): Promise<string | null> {
    try {
      this.#take(await signIn(token));
      return this.state === 'open' ? null : 'This token is not known here.';
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      if (error.status === 401 || error.status === 403) return 'This token is not known here.';
      if (error.status === 429) return 'Too many attempts. Wait a minute, then try again.';
      return error.message;
    }
  }

  async signOut(): Promise<void> {
    const goOn = await signOut();
    if (goOn === null) await this.refresh();
    else location.assign(goOn);
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  #take({ authRequired, role, name, ways }: SessionAnswer): void {
    this.name = name ?? '';
    this.ways = ways;
    this.authRequired = authRequired;
    if (role) this.role = role;
    this.state = role ? 'open' : 'signed-out';
  }
}
