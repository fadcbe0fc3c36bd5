import type { Column } from './definition.ts';

/** By its present name: `utf8` was what MySQL 8.0 and MariaDB 10.6 call `utf8mb3`. */
export function collationOf({ collation }: Column): string | null {
  return collation?.replace(/^utf8_/, 'utf8mb3_') ?? null;
}

export function charsetOf({ charset }: Column): string | null {
  return charset === 'utf8' ? 'utf8mb3' : charset;
}

/** What each release gives a charset by default. */
const usual = /^(utf8mb4|utf8mb3|ucs2|utf16|utf32)_(general_ci|0900_ai_ci|uca1400_ai_ci)$/;
const ofOneFlavour = /_0900_|_uca1400_|_nopad_|_gb18030_/;

/**
 * Between releases, what is but the default of each is the same DDL, and between flavours only names that both know
 * can be compared.
 */
export function differentCollations(
  source: Column,
  target: Column,
  sameFlavour: boolean,
  sameRelease: boolean,
): boolean {
  const [from, to] = [collationOf(source), collationOf(target)];
  if (from === to) return false;
  if (sameRelease || from === null || to === null) return true;
  if (usual.test(from) && usual.test(to)) return false;
  return sameFlavour || !(ofOneFlavour.test(from) || ofOneFlavour.test(to));
}
