import type { Tone } from '#lib/state/tone.ts';

export interface ListFilter<T> {
  word: string;
  tone?: Tone;
  fits: (item: T) => boolean;
}

/** How a list of `T` may be narrowed. What a person chose goes into the address by the names of `F` and `O`. */
export interface ListRules<T, F extends string, O extends string> {
  /** What a search looks into. */
  words: (item: T) => readonly (string | null)[];
  /** Besides 'all', which is what holds when none is chosen. */
  filters: Record<F, ListFilter<T>>;
  /** The first holds when none is chosen. */
  orders: Record<O, { word: string; compare: (a: T, b: T) => number }>;
}

export interface Narrowing<F extends string, O extends string> {
  filter: F | 'all';
  order: O;
  text: string;
}

export function narrowed<T, F extends string, O extends string>(
  items: readonly T[],
  rules: ListRules<T, F, O>,
  { filter, order, text }: Narrowing<F, O>,
): T[] {
  return items
    .filter(
      (item) => (filter === 'all' || rules.filters[filter].fits(item)) && hasText(rules.words(item), text),
    )
    .sort(rules.orders[order].compare);
}

/** Whether one of `words` contains what a person typed, in whichever case. */
export function hasText(words: readonly (string | null)[], text: string): boolean {
  const wanted = text.trim().toLowerCase();
  return wanted === '' || words.some((word) => word?.toLowerCase().includes(wanted));
}
