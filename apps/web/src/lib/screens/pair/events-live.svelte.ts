import { eventHappened, type EventsOfPair, eventsOfPair, type PairEvent } from '#lib/api/documents/pair.ts';
import type { Live } from '#lib/live/context.ts';
import { LiveQuery } from '#lib/live/query.svelte.ts';
import { watch } from '#lib/live/watch.ts';

/**
 * What happened to a pair since `from`, oldest first, kept up to date; of its states those of so long before, too. Make
 * it in a component.
 */
export class EventsLive {
  readonly #query: LiveQuery<EventsOfPair, { pair: string; from: string; statesFrom: string }>;

  constructor(live: Live, pair: () => string, from: () => number, statesBeforeMs = 0) {
    this.#query = new LiveQuery(live.api, live.link, eventsOfPair, () => ({
      pair: pair(),
      from: new Date(from()).toISOString(),
      statesFrom: new Date(from() - statesBeforeMs).toISOString(),
    }));
    $effect(() =>
      watch(live.api, eventHappened, { pair: pair() }, ({ pairEvents }) => {
        this.#query.patch((data) => withEvent(data, pairEvents));
      }),
    );
  }

  get list(): readonly PairEvent[] {
    const { states, events } = this.#query.current?.pair ?? { states: [], events: [] };
    const listed = new Set(events.map(({ id }) => id));
    return [...states.filter(({ id }) => !listed.has(id)), ...events];
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
  return { ...data, pair: { states: data.pair?.states ?? [], events: [...events, event] } };
}
