import type { Pair } from '#lib/api/documents/pair.ts';
import { plural } from '#lib/format/number.ts';
import { needsAttention } from '#lib/state/pair-state.ts';

/** The answer to "is everything all right?", before anything else on the page. */
export function overviewSentence(pairs: readonly Pair[]): string {
  const attention = pairs.filter(needsAttention).length;
  if (attention === 0)
    return pairs.length === 1 ? 'The pair is all right' : `All ${pairs.length} pairs are all right`;
  if (pairs.length === 1) return 'The pair needs attention';
  return `${attention} of ${plural(pairs.length, 'pair')} ${attention === 1 ? 'needs' : 'need'} attention`;
}
