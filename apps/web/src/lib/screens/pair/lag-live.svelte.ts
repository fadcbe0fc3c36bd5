import { lagHistory, type LagSample } from '#lib/api/documents/lag.ts';
import { problemText } from '#lib/api/problem.ts';
import { LagSeries } from '#lib/chart/lag-series.ts';
import { spanLength, type Span } from '#lib/chart/range.ts';
import type { Live } from '#lib/live/context.ts';
import { serverClock } from '#lib/live/server-clock.ts';

/** Bins asked for: about what a wide chart has pixels for. */
const POINTS = 720;

/** The history of a pair's lag over a span, kept up to date by its samples. Make it in a component. */
export class LagLive {
  /** Plain data that changes without telling: whoever draws asks for it anew. */
  series = new LagSeries(1000);
  /** False until there is history for the span that is asked for. */
  loaded = $state(false);
  problem = $state.raw<string | undefined>();
  /** Set by every change of `series`, cleared by who draws it. */
  dirty = true;
  readonly #live: Live;
  #newest = 0;
  /** Samples that arrive while history is on its way. */
  #meanwhile: LagSample[] | null = null;

  constructor(live: Live, pair: () => string, span: () => Span) {
    this.#live = live;
    $effect(() => live.fleet.onLag(pair(), (sample) => this.#take(sample, span())));
    $effect(() => {
      void live.link.epoch;
      void this.#load(pair(), span());
    });
    $effect(() => {
      void pair();
      void span();
      this.loaded = false;
    });
  }

  #take(sample: LagSample, span: Span): void {
    if (!span.live) return;
    this.#meanwhile?.push(sample);
    this.series.add(Date.parse(sample.at), sample.lagMs);
    this.series.trim(serverClock.now() - span.ms);
    this.dirty = true;
  }

  async #load(pair: string, span: Span): Promise<void> {
    const mine = ++this.#newest;
    this.#meanwhile = [];
    const [from, to] = span.live ? [serverClock.now() - span.ms, null] : [span.from, span.to];
    const { data, error } = await this.#live.api
      .query(lagHistory, {
        pair,
        from: new Date(from).toISOString(),
        to: to === null ? null : new Date(to).toISOString(),
        maxPoints: POINTS,
      })
      .toPromise();
    if (mine !== this.#newest) return;
    this.problem = error && problemText(error);
    if (data?.pair) {
      const series = LagSeries.from(data.pair.lagHistory, Math.ceil(spanLength(span) / POINTS));
      for (const sample of this.#meanwhile) series.add(Date.parse(sample.at), sample.lagMs);
      this.series = series;
      this.loaded = true;
      this.dirty = true;
    }
    this.#meanwhile = null;
  }
}
