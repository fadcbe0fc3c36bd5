import { ask } from '#lib/api/ask.ts';
import { lagHistory, type LagSample } from '#lib/api/documents/lag.ts';
import { problemText } from '#lib/api/problem.ts';
import { LagSeries } from '#lib/chart/lag-series.ts';
import { type Span, spanLength } from '#lib/chart/range.ts';
import type { Live } from '#lib/live/context.ts';
import { NewestAnswer } from '#lib/live/newest-answer.ts';
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
  readonly #answers = new NewestAnswer<LagSample>((sample) => {
    this.series.add(Date.parse(sample.at), sample.lagMs);
    this.dirty = true;
  });

  constructor(live: Live, pair: () => string, span: () => Span) {
    this.#live = live;
    $effect(() => live.fleet.onLag(pair(), (sample) => this.#hear(sample, span())));
    $effect(() => {
      void live.link.epoch;
      void this.#load(pair(), span());
      return () => this.#answers.cancel();
    });
    $effect(() => {
      void pair();
      void span();
      this.loaded = false;
    });
  }

  #hear(sample: LagSample, span: Span): void {
    if (!span.live) return;
    this.#answers.hear(sample);
    this.series.trim(serverClock.now() - span.ms);
  }

  async #load(pair: string, span: Span): Promise<void> {
    const [from, to] = span.live ? [serverClock.now() - span.ms, null] : [span.from, span.to];
    const variables = {
      pair,
      from: new Date(from).toISOString(),
      to: to === null ? null : new Date(to).toISOString(),
      maxPoints: POINTS,
    };
    await this.#answers.ask(
      (wanted) => ask(this.#live.api, lagHistory, variables, wanted),
      ({ data, error }) => {
        this.problem = error && problemText(error);
        if (!data?.pair) return false;
        this.series = LagSeries.from(data.pair.lagHistory, Math.ceil(spanLength(span) / POINTS));
        this.loaded = true;
        this.dirty = true;
        return true;
      },
    );
  }
}
