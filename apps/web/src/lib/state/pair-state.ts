import type { Pair, PairStateName } from '#lib/api/documents/pair.ts';
import { count } from '#lib/format/number.ts';
import type { StateWord } from './tone.ts';

const words: Record<PairStateName, StateWord> = {
  IN_SYNC: { tone: 'ok', word: 'In sync' },
  LAGGING: { tone: 'lagging', word: 'Lagging' },
  DELAYED: { tone: 'paused', word: 'Delayed on purpose' },
  STOPPED: { tone: 'stopped', word: 'Stopped' },
  BROKEN: { tone: 'stopped', word: 'Broken' },
  VANISHED: { tone: 'stopped', word: 'Replication gone' },
  CONNECTING: { tone: 'busy', word: 'Connecting' },
  NOT_CONFIGURED: { tone: 'unknown', word: 'Not a replica' },
  NOT_IN_GROUP: { tone: 'stopped', word: 'Not in its cluster' },
  NO_QUORUM: { tone: 'stopped', word: 'No quorum' },
  JOINING: { tone: 'busy', word: 'Joining' },
  SOURCE_BEHIND: { tone: 'lagging', word: 'Source behind' },
  UNKNOWN: { tone: 'unknown', word: 'Unknown' },
};

/** How the replication of a pair is doing. */
export function replicationWord(state: PairStateName): StateWord {
  return words[state];
}

export const differentWord: StateWord = { tone: 'different', word: 'Different' };
export const pausedWord: StateWord = { tone: 'paused', word: 'Paused' };

type Judged = Pick<Pair, 'state' | 'tableCounts'>;

/** A pair as it is now, with what its words do not say. */
export interface Watched {
  current: Judged;
  /** Transactions of the target that its source does not have, but for those that are known. */
  errant: number;
}

/** Tables that are not the same on both sides, for whatever reason. */
export function tablesNotTheSame({ tableCounts }: Pick<Pair, 'tableCounts'>): number {
  return tableCounts.different + tableCounts.schemaDiffers + tableCounts.missing;
}

/**
 * The words for a pair, the worst first. A replica that keeps up and holds other data is not "in sync", and one that
 * lags or is unknown besides is that, too.
 */
export function pairWords(pair: Judged): [StateWord, ...StateWord[]] {
  const replication = words[pair.state];
  if (tablesNotTheSame(pair) === 0) return [replication];
  if (replication.tone === 'ok') return [differentWord];
  return replication.tone === 'stopped' ? [replication, differentWord] : [differentWord, replication];
}

/** The first of them, where there is room for one. */
export function pairWord(pair: Judged): StateWord {
  return pairWords(pair)[0];
}

/** The sentence under the word: of a different pair the evidence is about its replication, and says so. */
export function pairEvidence(pair: Judged & Pick<Pair, 'evidence'>): string {
  return pairWord(pair) === differentWord ? `Replication: ${pair.evidence}` : pair.evidence;
}

const order: PairStateName[] = [
  'BROKEN',
  'VANISHED',
  'STOPPED',
  'NO_QUORUM',
  'NOT_IN_GROUP',
  'UNKNOWN',
  'LAGGING',
  'SOURCE_BEHIND',
  'CONNECTING',
  'JOINING',
  'NOT_CONFIGURED',
  'DELAYED',
  'IN_SYNC',
];

/** Smaller is worse. Made of states alone, so that rows do not change places with every sample. */
export function pairRank({ current, errant }: Watched): number {
  const ranks = [order.indexOf(current.state)];
  if (pairWord(current) === differentWord) ranks.push(order.indexOf('STOPPED') + 0.5);
  // What has changes of its own is about to be different.
  if (errant > 0) ranks.push(order.indexOf('STOPPED') + 0.7);
  if (current.tableCounts.error > 0) ranks.push(order.indexOf('UNKNOWN') + 0.5);
  return Math.min(...ranks);
}

export function errantWord(errant: number): StateWord {
  return { tone: 'different', word: `${count(errant)} errant` };
}

export function needsAttention({ current, errant }: Watched): boolean {
  const { tone } = pairWord(current);
  if (current.state === 'NOT_CONFIGURED') return false;
  if (current.tableCounts.error > 0 || errant > 0) return true;
  return tone === 'stopped' || tone === 'different' || tone === 'lagging' || tone === 'unknown';
}
