/** Things too close together to be told apart, drawn as one. */
export interface Cluster<T> {
  /** Where the first of them is. */
  at: number;
  items: T[];
}

/** Puts together what is less than `apart` from the one before it; items come in any order. */
export function clusters<T>(items: readonly T[], place: (item: T) => number, apart: number): Cluster<T>[] {
  const found: Cluster<T>[] = [];
  let last = -Infinity;
  for (const item of [...items].sort((a, b) => place(a) - place(b))) {
    const at = place(item);
    const open = found.at(-1);
    if (open && at - last < apart) open.items.push(item);
    else found.push({ at, items: [item] });
    last = at;
  }
  return found;
}
