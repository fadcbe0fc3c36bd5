import { turns } from './turns.ts';

/** Sorted in one go: some milliseconds. */
const inOneGo = 2_000;

/** `toSorted`, giving way to everything else between two pieces. */
export async function sortedInSlices<Item>(
  items: readonly Item[],
  compare: (a: Item, b: Item) => number,
): Promise<Item[]> {
  if (turns.exhausted()) await turns.next();
  if (items.length <= inOneGo) return items.toSorted(compare);
  const half = items.length >> 1;
  const left = await sortedInSlices(items.slice(0, half), compare);
  const right = await sortedInSlices(items.slice(half), compare);
  const merged: Item[] = [];
  let l = 0;
  let r = 0;
  while (l < left.length && r < right.length) {
    merged.push(compare(left[l]!, right[r]!) <= 0 ? left[l++]! : right[r++]!);
    if (turns.exhausted()) await turns.next();
  }
  return merged.concat(left.slice(l), right.slice(r));
}
