import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { MetricsStorage, StoredSession } from '@lockstep/checks';
import type { Role, TokenConfig } from '../../config/loaded.ts';
import { forgetOldest } from '../guard/forget-oldest.ts';

export const sessionLifetimeMs = 7 * 24 * 60 * 60_000;
const sessionLimit = 1_000;

/** Where sessions outlive the process. */
export type SessionStore = Pick<MetricsStorage, 'recordSession' | 'sessions' | 'flush' | 'onReopened'>;

/** Somebody who signed in without a token. */
export interface Person {
  name: string;
  /** What the provider knows them by; a name may be another's, too. */
  sub: string;
  role: Role;
}

/**
 * Who signed in on the page. The browser holds a random id, this and the store hold its hash: what leaks from here
 * signs nobody in, and what stands there of the token can be tried by nobody who has not the id. A session is good
 * while its token is the same. Past the limit one goes, so that signing in cannot fill the memory.
 */
export class Sessions {
  readonly #sessions = new Map<string, StoredSession>();
  /** Those that this process ended: a history that can be used again may have them as they were before. */
  readonly #ended = new Map<string, StoredSession>();
  readonly #store: SessionStore | undefined;
  readonly #now: () => number;

  constructor(now: () => number = Date.now, store?: SessionStore) {
    this.#now = now;
    this.#store = store;
    this.#recall();
    store?.onReopened(() => this.#recall());
  }

  /** The id for the cookie: 256 random bits. */
  begin(token: TokenConfig): string {
    return this.#begin((id) => ({ token: token.name, bound: boundTo(id, token.sha256) }), sessionLifetimeMs);
  }

  /** The same of somebody without a token, who stays signed in while `bond` is the same, and so long at most. */
  beginOf(person: Person, bond: string, lifetimeMs: number): string {
    return this.#begin(
      (id) => ({ token: person.name, person, bound: boundTo(id, ...personMarks(person, bond)) }),
      lifetimeMs,
    );
  }

  #begin(
    held: (id: string) => Pick<StoredSession, 'token' | 'person' | 'bound'>,
    lifetimeMs: number,
  ): string {
    const id = randomBytes(32).toString('base64url');
    this.#keep({ hash: hashOf(id), ...held(id), expiresAt: new Date(this.#now() + lifetimeMs) });
    if (this.#sessions.size > sessionLimit) this.#makeRoom();
    return id;
  }

  /** The token that it was begun with, of those that are admitted now by their name; null where it is none of them. */
  find(id: string, named: (name: string) => TokenConfig | null): TokenConfig | null {
    const session = this.#get(id);
    if (!session || session.person) return null;
    const token = named(session.token);
    return token && session.bound === boundTo(id, token.sha256) ? token : null;
  }

  /** The person whose it is; null where it is nobody's without a token, or where `bond` is another. */
  personOf(id: string, bond: string): Person | null {
    const { person, bound } = this.#get(id) ?? {};
    return person && bound === boundTo(id, ...personMarks(person, bond)) ? person : null;
  }

  /** What somebody is called while somebody else is signed in by the same name: nobody passes for another. */
  nameOf({ name, sub }: Person): string {
    for (const { person, expiresAt } of this.#sessions.values()) {
      const isAnothers = person?.name === name && person.sub !== sub;
      if (isAnothers && expiresAt.getTime() > this.#now()) return `${name} (${sub})`;
    }
    return name;
  }

  #get(id: string): StoredSession | null {
    const session = this.#sessions.get(hashOf(id));
    if (!session) return null;
    if (session.expiresAt.getTime() > this.#now()) return session;
    this.#sessions.delete(session.hash);
    return null;
  }

  end(id: string): void {
    this.#end(hashOf(id));
  }

  /** Whoever has the most loses the oldest, so that one who signs in again and again signs nobody else out. */
  #makeRoom(): void {
    const counts = new Map<string, number>();
    for (const { token } of this.#sessions.values()) counts.set(token, (counts.get(token) ?? 0) + 1);
    const most = Math.max(...counts.values());
    for (const { hash, token } of this.#sessions.values()) {
      if (counts.get(token) !== most) continue;
      this.#end(hash);
      return;
    }
  }

  #recall(): void {
    for (const session of this.#store?.sessions() ?? []) {
      const ended = this.#ended.get(session.hash);
      if (ended) this.#store?.recordSession(ended);
      else if (!this.#sessions.has(session.hash)) this.#sessions.set(session.hash, session);
    }
  }

  #keep(session: StoredSession): void {
    this.#sessions.set(session.hash, session);
    this.#store?.recordSession(session);
  }

  #end(hash: string): void {
    const session = this.#sessions.get(hash);
    if (!session) return;
    this.#sessions.delete(hash);
    const ended = { ...session, expiresAt: new Date(0) };
    this.#ended.set(hash, ended);
    forgetOldest(this.#ended, sessionLimit);
    this.#store?.recordSession(ended);
    // Whoever kills the program now must not sign them in again.
    this.#store?.flush();
  }
}

/** Tells sessions apart, and opens none. */
export function publicId(id: string): string {
  return hashOf(id);
}

function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('base64');
}

/** Of a token that people made up themselves its hash alone could be tried; keyed by the id it cannot. */
function boundTo(id: string, ...marks: string[]): string {
  return createHmac('sha256', id).update(marks.join('\n')).digest('base64');
}

/** Whoever can write the store cannot give somebody another role: they have not the id. */
function personMarks({ name, sub, role }: Person, bond: string): string[] {
  return ['person', JSON.stringify([name, sub, role]), bond];
}
