import { untrack } from 'svelte';
import { type NewResult, type Table, tableChanged, type tablesOfPair } from '#lib/api/documents/table.ts';
import { everyTable } from '#lib/api/every-table.ts';
import type { ResultOf } from '#lib/api/graphql.ts';
import { Batch } from '#lib/live/batch.ts';
import type { Live } from '#lib/live/context.ts';
import { LiveQuery } from '#lib/live/query.svelte.ts';
import { watch } from '#lib/live/watch.ts';
import { withResult } from '#lib/state/verdict.ts';

type Answer = ResultOf<typeof tablesOfPair>;

/** A run over thousands of tables tells of many a second. */
const newsMs = 500;

/** The tables of a pair with what stands for each, kept up to date. Make it in a component. */
export class TablesLive {
  readonly #query: LiveQuery<Answer, { pair: string }>;
  readonly #batch = new Batch(newsMs);
  readonly #news = new Map<string, NewResult>();
  /** Keys of tables that were told of and are not in the list. */
  readonly #missed = new Set<string>();

  /** It asks again whenever `reason` changes. */
  constructor(live: Live, pair: () => string, reason: () => unknown) {
    this.#query = new LiveQuery<Answer, { pair: string }>(live.api, live.link, everyTable, () => {
      void reason();
      return { pair: pair() };
    });
    $effect(() =>
      watch(live.api, tableChanged, { pair: pair() }, ({ tables: result }) => {
        if (this.#news.size === 0) this.#batch.add(() => this.#takeNews());
        this.#news.set(
          JSON.stringify([result.check, keyOf(result.pair, result.schema, result.table)]),
          result,
        );
      }),
    );
    $effect(() => {
      if (this.whole) untrack(() => this.#lookForMissed());
    });
    $effect(() => () => this.#batch.cancel());
  }

  get list(): readonly Table[] {
    return this.#query.current?.pair?.tables.nodes ?? [];
  }

  get schedules(): Answer['schedules'] {
    return this.#query.current?.schedules ?? [];
  }

  get loaded(): boolean {
    return this.#query.current !== undefined;
  }

  /** False while there are more than the list has so far: it has all that are not the same, and some of the others. */
  get whole(): boolean {
    return this.#query.whole;
  }

  get problem(): string | undefined {
    return this.#query.problem;
  }

  async refresh(): Promise<void> {
    await this.#query.refresh();
  }

  #takeNews(): void {
    const news = Map.groupBy(this.#news.values(), ({ pair, schema, table }) => keyOf(pair, schema, table));
    this.#news.clear();
    this.#query.patch((data) => patched(data, news));
    for (const key of news.keys()) this.#missed.add(key);
    this.#lookForMissed();
  }

  /** Asks again for a table that was not there when the list was read. */
  #lookForMissed(): void {
    if (!this.whole || this.#missed.size === 0) return;
    const known = new Set(this.list.map(({ pair, schema, name }) => keyOf(pair, schema, name)));
    const gone = [...this.#missed].some((key) => !known.has(key));
    this.#missed.clear();
    if (gone) void this.refresh();
  }
}

function keyOf(...names: [pair: string, schema: string, table: string]): string {
  return JSON.stringify(names);
}

function patched(data: Answer, news: ReadonlyMap<string, readonly NewResult[]>): Answer {
  if (!data.pair) return data;
  const nodes = data.pair.tables.nodes.map((table) => {
    const results = news.get(keyOf(table.pair, table.schema, table.name));
    return results ? { ...results.reduce(withResult, table), checking: false } : table;
  });
  return { ...data, pair: { ...data.pair, tables: { ...data.pair.tables, nodes } } };
}
