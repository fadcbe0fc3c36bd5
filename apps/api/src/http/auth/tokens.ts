import { createHash, timingSafeEqual } from 'node:crypto';
import type { TokenConfig } from '../../config/loaded.ts';

/** The tokens that the configuration admits, known by their hashes alone. */
export class Tokens {
  readonly #known: { token: TokenConfig; hash: Buffer }[];

  constructor(tokens: readonly TokenConfig[]) {
    this.#known = tokens.map((token) => ({ token, hash: Buffer.from(token.sha256, 'hex') }));
  }

  get any(): boolean {
    return this.#known.length > 0;
  }

  /** Takes the same time whichever token it is, or none: every hash is compared, whole. */
  find(presented: string): TokenConfig | null {
    const hash = createHash('sha256').update(presented).digest();
    let found: TokenConfig | null = null;
    for (const known of this.#known) {
      if (timingSafeEqual(known.hash, hash)) found = known.token;
    }
    return found;
  }

  /** Whether this very token, with its role, is admitted. */
  has({ name, role, sha256 }: TokenConfig): boolean {
    return this.named(name)?.sha256 === sha256 && this.named(name)?.role === role;
  }

  named(name: string): TokenConfig | null {
    return this.#known.find(({ token }) => token.name === name)?.token ?? null;
  }
}
