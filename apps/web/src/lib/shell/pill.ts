import { ago } from '#lib/format/duration.ts';
import type { LinkState } from '#lib/live/link-state.ts';
import type { StateWord } from '#lib/state/tone.ts';

export interface PillFacts {
  state: LinkState;
  /** Since what is shown was so; null before the first message. */
  ageMs: number | null;
  /** As of when that is, as the page writes times; null before the first message. */
  dataFrom: string | null;
}

/** What the connection pill says: how old what is on the page can be. */
export function pillWord({ state, ageMs, dataFrom }: PillFacts): StateWord {
  const from = dataFrom === null ? '' : ` data from ${dataFrom}`;
  switch (state) {
    case 'live':
      return { tone: 'ok', word: `Live · ${ago(ageMs ?? 0)}` };
    case 'connecting':
      return { tone: 'busy', word: 'Connecting…' };
    case 'slow':
      return { tone: 'lagging', word: `Slow line ·${from}` };
    case 'reconnecting':
      return { tone: 'lagging', word: `Reconnecting…${from}` };
    case 'offline':
      return { tone: 'stopped', word: dataFrom === null ? 'Offline' : `Offline ·${from}` };
  }
}
