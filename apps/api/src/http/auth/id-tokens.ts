import { forgetOldest } from '../guard/forget-oldest.ts';

const mostRemembered = 1_000;
/** A longer one fits into no address that the browser could be sent to; somebody in many groups has one. */
const longest = 6_000;

/** Tokens of a provider by the sessions that they began, in memory alone. */
export class IdTokens {
  readonly #tokens = new Map<string, string>();

  keep(session: string, token: string): void {
    if (token.length > longest) return;
    this.#tokens.set(session, token);
    forgetOldest(this.#tokens, mostRemembered);
  }

  /** Undefined where it is not known any more. */
  take(session: string): string | undefined {
    const token = this.#tokens.get(session);
    this.#tokens.delete(session);
    return token;
  }
}
