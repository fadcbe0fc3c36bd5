// By hand: rows of a table, of unequal heights, in the page's own scrolling, of which the focused one must stay. What
// libraries there are scroll an element of their own, or draw no tables.

/** How high the rows of a list are: as they were measured, and as is usual where they were not drawn yet. */
export class RowHeights {
  readonly #measured = new Map<string, number>();
  readonly #usual: number;

  /** Kept beyond the screen that draws it, the way back to that screen ends where it began. */
  constructor(usual: number) {
    this.#usual = usual;
  }

  /** Whether that is news. */
  take(key: string, height: number): boolean {
    if (this.#measured.get(key) === height) return false;
    this.#measured.set(key, height);
    return true;
  }

  forget(): void {
    this.#measured.clear();
  }

  /** The upper edge of each line and, as the last, the lower edge of all. A line is as high as its first item. */
  edges(keys: readonly string[], lanes: number): Float64Array {
    const lines = Math.ceil(keys.length / lanes);
    const edges = new Float64Array(lines + 1);
    for (let line = 0; line < lines; line++) {
      edges[line + 1] = edges[line]! + (this.#measured.get(keys[line * lanes]!) ?? this.#usual);
    }
    return edges;
  }
}

/** Of a list's lines; `end` is exclusive. */
export interface Stretch {
  start: number;
  end: number;
}

/** Beyond what can be seen, of the height of that, to both sides: so far one scrolls before more is drawn. */
const spare = 0.5;

/**
 * Which lines are near the part of the list that can be seen, by so much of its height. `top`: its upper edge, from the
 * list's own.
 */
export function windowOf(edges: Float64Array, top: number, height: number, beyond = spare): Stretch {
  const lines = edges.length - 1;
  const start = Math.max(0, firstFrom(edges, top - height * beyond) - 1);
  const end = Math.min(lines, firstFrom(edges, top + height * (1 + beyond)));
  return { start: Math.min(start, end), end };
}

export function areSame(some: readonly Stretch[], others: readonly Stretch[]): boolean {
  const same = ({ start, end }: Stretch, i: number) => others[i]?.start === start && others[i].end === end;
  return some.length === others.length && some.every(same);
}

/** The window, and `kept` with its neighbours where they lie outside of it: what is focused, and where it leads to. */
export function stretches(window: Stretch, kept: number | null, lines: number): Stretch[] {
  if (kept === null) return [window];
  const around = { start: Math.max(0, kept - 1), end: Math.min(lines, kept + 2) };
  if (around.end < window.start) return [around, window];
  if (around.start > window.end) return [window, around];
  return [{ start: Math.min(window.start, around.start), end: Math.max(window.end, around.end) }];
}

/** The first edge at or below `y`; the number of lines when there is none. */
function firstFrom(edges: Float64Array, y: number): number {
  let low = 0;
  let high = edges.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle]! < y) low = middle + 1;
    else high = middle;
  }
  return low;
}
