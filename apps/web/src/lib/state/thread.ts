import type { Channel, Replication } from '#lib/api/documents/replication.ts';
import type { StateWord } from './tone.ts';

const words: Record<Channel['receiver'], StateWord> = {
  RUNNING: { tone: 'ok', word: 'running' },
  CONNECTING: { tone: 'busy', word: 'connecting' },
  STOPPED: { tone: 'stopped', word: 'stopped' },
  UNKNOWN: { tone: 'unknown', word: 'unknown' },
};

/** The pair's channel; null when there is none, or when it is not known which it is. */
export function ownChannel(replication: Replication | null): Channel | null {
  const name = replication?.channel?.name;
  return replication?.channels?.find((channel) => channel.name === name) ?? null;
}

export function threadWord(channel: Channel, thread: 'receiver' | 'applier'): StateWord {
  return words[channel[thread]];
}

/** The state of a thread of the pair's channel. Null when the target has no channels. */
export function ownThreadWord(
  replication: Replication | null,
  thread: 'receiver' | 'applier',
): StateWord | null {
  if (replication?.channels?.length === 0) return null;
  const channel = ownChannel(replication);
  return channel ? threadWord(channel, thread) : words.UNKNOWN;
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
