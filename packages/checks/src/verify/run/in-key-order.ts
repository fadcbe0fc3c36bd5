import type { RowDifference } from '../../model/verdict.ts';

/** Chunks finish in any order; a list is read in the order of the key. */
export function inKeyOrder(rows: RowDifference[]): RowDifference[] {
  const collator = new Intl.Collator('en', { numeric: true });
  const compare = (a: string | null, b: string | null) =>
    // What is no number gives NaN, and counts as text; so do numbers too large to be told apart.
    Number(a) - Number(b) || collator.compare(a ?? '', b ?? '');
  return rows.toSorted((a, b) => {
    const others = Object.values(b.key);
    for (const [i, value] of Object.values(a.key).entries()) {
      const order = compare(value, others[i] ?? null);
      if (order !== 0) return order;
    }
    return 0;
  });
}
