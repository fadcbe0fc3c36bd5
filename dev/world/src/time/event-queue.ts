/** Something that happens at a moment of virtual time. */
export interface Happening {
  at: number;
  /** Of what happens at one moment, which comes first. */
  order: number;
  run: () => void;
  /** It may wake the engine, whose promises must come to rest before anything else happens. */
  wakes: boolean;
  cancelled: boolean;
}

/** What is still to happen, soonest first (a binary heap). */
export class EventQueue {
  readonly #heap: Happening[] = [];

  push(happening: Happening): void {
    const heap = this.#heap;
    let at = heap.push(happening) - 1;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      const above = heap[parent] as Happening;
      if (!before(happening, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = happening;
  }

  /** The next that was not cancelled; null when nothing is left. */
  pop(): Happening | null {
    for (;;) {
      const first = this.#heap[0];
      if (!first) return null;
      this.#removeFirst();
      if (!first.cancelled) return first;
    }
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop() as Happening;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Happening, heap[child] as Happening)) child++;
      if (!before(heap[child] as Happening, last)) break;
      heap[at] = heap[child] as Happening;
      at = child;
    }
    heap[at] = last;
  }
}

function before(a: Happening, b: Happening): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
