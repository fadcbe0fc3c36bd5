import { param, setParams } from '#lib/state/url.ts';
import { type ListFilter, type ListRules, narrowed } from './narrow.ts';

import { page } from '$app/state';

interface AddressedRules<T, F extends string, O extends string> extends ListRules<T, F, O> {
  /** What the chosen filter and order are called in the address; the search is `q` everywhere. */
  params: { filter: string; order?: string };
}

/** A filter with how many items fit it. */
type CountedFilter<T, F> = Omit<ListFilter<T>, 'fits'> & { value: F; count: number };

/** A list that is filtered, sorted and searched by the page's address, so that a copied link shows the same. */
export class AddressedList<T, F extends string, O extends string> {
  readonly rules: AddressedRules<T, F, O>;
  readonly items: readonly T[];
  readonly filter: F | 'all';
  readonly order: O;
  readonly text: string;
  readonly shown: readonly T[];
  readonly filters: readonly CountedFilter<T, F>[];
  readonly #filterParam: string;
  readonly #orderParam: string;
  readonly #usualOrder: O;

  /** Make it while a component initialises. */
  constructor(items: () => readonly T[], rules: AddressedRules<T, F, O>) {
    const filters = Object.keys(rules.filters) as F[];
    const orders = Object.keys(rules.orders) as [O, ...O[]];
    this.rules = rules;
    this.#filterParam = rules.params.filter;
    this.#orderParam = rules.params.order ?? 'sort';
    this.#usualOrder = orders[0];
    this.items = $derived(items());
    this.filter = $derived(param<F | 'all'>(this.#filterParam, ['all', ...filters]));
    this.order = $derived(param(this.#orderParam, orders));
    this.text = $derived(page.url.searchParams.get('q') ?? '');
    this.shown = $derived(narrowed(this.items, rules, this));
    this.filters = $derived(
      filters.map((value) => {
        const { fits, ...words }: ListFilter<T> = rules.filters[value];
        return { value, ...words, count: this.items.filter(fits).length };
      }),
    );
  }

  filterBy(filter: F | 'all'): void {
    setParams({ [this.#filterParam]: filter === 'all' ? null : filter });
  }

  orderBy(order: string): void {
    setParams({ [this.#orderParam]: order === this.#usualOrder ? null : order });
  }

  search(text: string): void {
    setParams({ q: text });
  }

  /** Shows everything. */
  clear(): void {
    setParams({ q: null, [this.#filterParam]: null });
  }
}
