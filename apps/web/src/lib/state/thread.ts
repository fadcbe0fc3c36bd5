import type { Channel, Replication } from '#lib/api/documents/replication.ts';
import type { StateWord } from './tone.ts';

const words: Record<Channel['receiver'], StateWord> = {
  RUNNING: { tone: 'ok', word: 'running' },
  CONNECTING: { tone: 'busy', word: 'connecting' },
  STOPPED: { tone: 'stopped', word: 'stopped' },
  UNKNOWN: { tone: 'unknown', word: 'unknown' },
};

const worstFirst: Channel['receiver'][] = ['STOPPED', 'UNKNOWN', 'CONNECTING', 'RUNNING'];

/** The state of a thread over all channels: the worst of them. Null when the target has no channels. */
export function threadWord(
  replication: Replication | null,
  thread: 'receiver' | 'applier',
): StateWord | null {
  if (!replication?.channels) return words.UNKNOWN;
  const states = new Set(replication.channels.map((channel) => channel[thread]));
  const worst = worstFirst.find((state) => states.has(state));
  return worst ? words[worst] : null;
}

/** Where the delay arises, as the end of "the time goes …"; null when there is nothing to say. */
export const attributionText: Record<Replication['attribution'], string | null> = {
  NONE: null,
  LINK: 'the link between the servers',
  RECEIVER: 'the receiver',
  APPLIER: 'the applier',
  INTENDED: 'the delay configured on purpose',
  UNKNOWN: 'not known',
};
