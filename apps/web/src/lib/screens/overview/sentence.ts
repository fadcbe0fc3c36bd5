import type { Pair } from '#lib/api/documents/pair.ts';
import { count, plural } from '#lib/format/number.ts';
import { needsAttention, type Watched } from '#lib/state/pair-state.ts';

type Judged = Pick<Pair, 'state' | 'tableCounts'>;

/** The answer to "do I have to do something?", before anything else on the page. */
export function overviewSentence(pairs: readonly Watched[]): string {
  const attention = pairs.filter(needsAttention).length;
  if (attention === 0) return pairs.length === 1 ? 'The pair needs no attention' : 'No pair needs attention';
  if (pairs.length === 1) return 'The pair needs attention';
  return `${attention} of ${plural(pairs.length, 'pair')} ${attention === 1 ? 'needs' : 'need'} attention`;
}

/** What is proved of the tables of all pairs, and what is not. */
export function tablesSentence(pairs: readonly Judged[]): string {
  const sum = (of: keyof Pair['tableCounts']) => pairs.reduce((all, pair) => all + pair.tableCounts[of], 0);
  const parts: [number, string][] = [
    [sum('different') + sum('schemaDiffers') + sum('missing'), 'not the same'],
    [sum('error'), 'with errors'],
    [sum('unverified'), 'unverified'],
    [sum('pending'), 'not yet verified'],
  ];
  const unknown = pairs.filter((pair) => pair.tableCounts.total === 0).length;
  return [
    ...(unknown < pairs.length ? [`${count(sum('match'))} of ${plural(sum('total'), 'table')} match`] : []),
    ...(unknown > 0 ? [`the tables of ${plural(unknown, 'pair')} are not known`] : []),
    ...parts.filter(([number]) => number > 0).map(([number, word]) => `${count(number)} ${word}`),
  ].join(' · ');
}
