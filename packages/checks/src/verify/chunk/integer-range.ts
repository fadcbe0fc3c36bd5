import type { Key, KeyValues } from '../key/key.ts';
import { Undecidable } from '../undecidable.ts';
import type { Chunk } from './chunk.ts';

/** The key is one whole number, so a range of it has room for a known number of rows. */
export function isInteger(key: Key): boolean {
  return key.columns.length === 1 && key.columns[0]?.integer === true;
}

function numberOf(values: KeyValues): bigint {
  const digits = String(values[0]);
  if (/^-?\d{1,65}$/.test(digits)) return BigInt(digits);
  throw new Undecidable('what a server tells of a key that is a number is none');
}

/** How many keys lie in a chunk; null when it is open, or its key is not one whole number. */
export function widthOf(key: Key, { from, to }: Chunk): bigint | null {
  return from && to && isInteger(key) ? numberOf(to) - numberOf(from) : null;
}

/**
 * The key `rows` numbers behind `from`: a chunk up to there cannot have more rows than that. Null where that has no
 * meaning.
 */
export function reckonBoundary(key: Key, from: KeyValues | null, rows: number): KeyValues | null {
  return from && isInteger(key) ? [String(numberOf(from) + BigInt(rows))] : null;
}
