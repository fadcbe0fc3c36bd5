import { ago } from '#lib/format/duration.ts';
import type { LinkState } from '#lib/live/link-state.ts';
import type { StateWord } from '#lib/state/tone.ts';

export interface PillFacts {
  state: LinkState;
  silentMs: number | null;
  /** The time of the last message as the page writes times; null before the first. */
  dataFrom: string | null;
}

/** What the connection pill says: how old what is on the page can be. */
export function pillWord({ state, silentMs, dataFrom }: PillFacts): StateWord {
  const from = dataFrom === null ? '' : ` data from ${dataFrom}`;
  switch (state) {
    case 'live':
      return { tone: 'ok', word: `Live · ${ago(silentMs ?? 0)}` };
    case 'connecting':
      return { tone: 'busy', word: 'Connecting…' };
    case 'reconnecting':
      return { tone: 'lagging', word: `Reconnecting…${from}` };
    case 'offline':
      return { tone: 'stopped', word: dataFrom === null ? 'Offline' : `Offline ·${from}` };
  }
}
