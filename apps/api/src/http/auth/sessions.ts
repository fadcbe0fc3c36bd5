import { createHash, randomBytes } from 'node:crypto';
import type { TokenConfig } from '../../config/loaded.ts';

export const sessionLifetimeMs = 7 * 24 * 60 * 60_000;
const sessionLimit = 1_000;

interface Session {
  token: TokenConfig;
  expiresAt: number;
}

/**
 * Who signed in on the page. The browser holds a random id, this holds its hash: what leaks from here signs nobody in.
 * A restart ends every session. Past the limit the oldest goes, so that signing in cannot fill the memory.
 */
export class Sessions {
  readonly #sessions = new Map<string, Session>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** The id for the cookie: 256 random bits. */
  begin(token: TokenConfig): string {
    const id = randomBytes(32).toString('base64url');
    this.#sessions.set(hashOf(id), { token, expiresAt: this.#now() + sessionLifetimeMs });
    for (const [oldest] of this.#sessions) {
      if (this.#sessions.size <= sessionLimit) break;
      this.#sessions.delete(oldest);
    }
    return id;
  }

  find(id: string): TokenConfig | null {
    const hash = hashOf(id);
    const session = this.#sessions.get(hash);
    if (!session) return null;
    if (session.expiresAt > this.#now()) return session.token;
    this.#sessions.delete(hash);
    return null;
  }

  end(id: string): void {
    this.#sessions.delete(hashOf(id));
  }
}

function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('base64');
}
