const mostRemembered = 1_000;

/** Tokens of a provider by the sessions that they began, in memory alone. */
export class IdTokens {
  readonly #tokens = new Map<string, string>();

  keep(session: string, token: string): void {
    this.#tokens.set(session, token);
    for (const oldest of this.#tokens.keys()) {
      if (this.#tokens.size <= mostRemembered) break;
      this.#tokens.delete(oldest);
    }
  }

  /** Undefined where it is not known any more. */
  take(session: string): string | undefined {
    const token = this.#tokens.get(session);
    this.#tokens.delete(session);
    return token;
  }
}
