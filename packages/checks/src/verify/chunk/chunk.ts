import type { KeyValues, SideKey } from '../key/key.ts';
import { after, upTo } from '../key/key-condition.ts';

/** A range of a table's key: behind `from`, up to and including `to`; null is open, so that no row lies outside all. */
export interface Chunk {
  from: KeyValues | null;
  to: KeyValues | null;
}

export const wholeTable: Chunk = { from: null, to: null };

export function chunkCondition(key: SideKey | null, { from, to }: Chunk): string {
  if (!key) return 'TRUE';
  const parts = [from && after(key, from), to && upTo(key, to)].filter((part) => part !== null);
  return parts.length === 0 ? 'TRUE' : parts.join(' AND ');
}
