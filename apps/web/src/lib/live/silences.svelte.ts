import { type Silence, silencesChanged, silencesNow } from '#lib/api/documents/silence.ts';
import { byInstant } from '#lib/format/order.ts';
import type { Live } from './context.ts';
import { LiveQuery } from './query.svelte.ts';
import { watch } from './watch.ts';

const order: Silence['state'][] = ['ACTIVE', 'SCHEDULED', 'ENDED'];

/** Silences by matcher, those that hold first. Make it while a component initialises; it ends with it. */
export class Silences {
  readonly #query: LiveQuery<{ silences: readonly Silence[] }, Record<string, never>>;

  constructor({ api, link }: Pick<Live, 'api' | 'link'>) {
    this.#query = new LiveQuery<{ silences: readonly Silence[] }, Record<string, never>>(
      api,
      link,
      silencesNow,
      () => ({}),
    );
    $effect(() =>
      watch(api, silencesChanged, {}, ({ silences: news }) => {
        this.#query.patch(({ silences }) => ({
          silences: [...silences.filter(({ id }) => id !== news.id), news],
        }));
      }),
    );
  }

  get problem(): string | undefined {
    return this.#query.problem;
  }

  /** Undefined before the first answer. */
  readonly all = $derived.by((): readonly Silence[] | undefined =>
    this.#query.current?.silences.toSorted(
      (a, b) =>
        order.indexOf(a.state) - order.indexOf(b.state) ||
        byInstant(a.nextFrom ?? a.from, b.nextFrom ?? b.from),
    ),
  );

  readonly active = $derived(this.all?.filter(({ state }) => state === 'ACTIVE') ?? []);
}
