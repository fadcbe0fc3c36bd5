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
 * A restart ends every session. Past the limit one goes, so that signing in cannot fill the memory.
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
    if (this.#sessions.size > sessionLimit) this.#makeRoom();
    return id;
  }

  /** Whoever has the most loses the oldest, so that one who signs in again and again signs nobody else out. */
  #makeRoom(): void {
    const counts = new Map<string, number>();
    for (const { token } of this.#sessions.values()) {
      counts.set(token.name, (counts.get(token.name) ?? 0) + 1);
    }
    const most = Math.max(...counts.values());
    for (const [oldest, { token }] of this.#sessions) {
      if (counts.get(token.name) !== most) continue;
      this.#sessions.delete(oldest);
      return;
    }
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

/** Tells sessions apart, and opens none. */
export function publicId(id: string): string {
  return hashOf(id);
}

function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('base64');
}
