import type { Column } from './definition.ts';

/** By its present name: `utf8` was what MySQL 8.0 and MariaDB 10.6 call `utf8mb3`. */
export function collationOf({ collation }: Column): string | null {
  return collation?.replace(/^utf8_/, 'utf8mb3_') ?? null;
}

export function charsetOf({ charset }: Column): string | null {
  return charset === 'utf8' ? 'utf8mb3' : charset;
}
