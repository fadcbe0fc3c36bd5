import { overAlertsOfPair } from '#lib/api/documents/alert.ts';
import type { ResultOf } from '#lib/api/graphql.ts';
import type { Live } from '#lib/live/context.ts';
import { LiveQuery } from '#lib/live/query.svelte.ts';
import type { MarkedAlert } from '#lib/state/time-marks.ts';

/** As many of the newest as can be told apart under a chart. */
const most = 100;

/** What fires of a pair, and what fired lately. Make it in a component. */
export class PairAlertsLive {
  readonly #query: LiveQuery<ResultOf<typeof overAlertsOfPair>, { pair: string; first: number }>;
  readonly #firing: readonly MarkedAlert[];

  constructor({ api, link, fleet }: Live, pair: () => string) {
    this.#query = new LiveQuery(api, link, overAlertsOfPair, () => ({ pair: pair(), first: most }));
    this.#firing = $derived(
      [...fleet.alerts.values()].filter((alert) => alert.pair === pair() && alert.state === 'FIRING'),
    );
    let before = 0;
    // What fires no more is over.
    $effect(() => {
      const now = this.#firing.length;
      if (now < before) void this.#query.refresh();
      before = now;
    });
  }

  get list(): readonly MarkedAlert[] {
    return [...this.#firing, ...(this.#query.current?.alerts.nodes ?? [])];
  }
}
