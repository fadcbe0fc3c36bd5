import { eventHappened, type EventsOfPair, eventsOfPair, type PairEvent } from '#lib/api/documents/pair.ts';
import type { Live } from '#lib/live/context.ts';
import { LiveQuery } from '#lib/live/query.svelte.ts';
import { watch } from '#lib/live/watch.ts';

/** What happened to a pair since `from`, oldest first, kept up to date. Make it in a component. */
export class EventsLive {
  readonly #query: LiveQuery<EventsOfPair, { pair: string; from: string; to?: string | null }>;

  constructor(live: Live, pair: () => string, from: () => number) {
    this.#query = new LiveQuery(live.api, live.link, eventsOfPair, () => ({
      pair: pair(),
      from: new Date(from()).toISOString(),
    }));
    $effect(() =>
      watch(live.api, eventHappened, { pair: pair() }, ({ pairEvents }) => {
        this.#query.patch((data) => withEvent(data, pairEvents));
      }),
    );
  }

  get list(): readonly PairEvent[] {
    return this.#query.current?.pair?.events ?? [];
  }

  get loaded(): boolean {
    return this.#query.current !== undefined;
  }

  get problem(): string | undefined {
    return this.#query.problem;
  }
}

function withEvent(data: EventsOfPair, event: PairEvent): EventsOfPair {
  const events = data.pair?.events ?? [];
  if (events.some((each) => each.id === event.id)) return data;
  return { ...data, pair: { events: [...events, event] } };
}
