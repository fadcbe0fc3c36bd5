import type { LagSample } from '@lockstep/checks';
import type { PubSub } from './pubsub.ts';

/** The first is told at once, what follows it at most so often, in ms. */
const gatherMs = 250;
/** So many are told at once, however soon they came. */
const most = 1_000;

type Listener = (samples: readonly LagSample[]) => void;

/**
 * The lag samples of all pairs, told together: hundreds of pairs have more of them in a second than a page can hear one
 * by one. One list for all who listen, so that it is turned into text once; while nobody does, nothing is gathered.
 */
class Gathered {
  readonly #pubsub: PubSub;
  readonly #listeners = new Set<Listener>();
  #samples: LagSample[] = [];
  #timer: NodeJS.Timeout | undefined;
  #toldAt = -Infinity;
  #end = () => {};

  constructor(pubsub: PubSub) {
    this.#pubsub = pubsub;
  }

  listen(listener: Listener): () => void {
    // Who comes now has heard nothing of what came before, and is told what is so now.
    this.#tell();
    if (this.#listeners.size === 0) this.#end = this.#pubsub.subscribe('lag', ({ data }) => this.#take(data));
    // A wrapper of its own, so that listening twice with one function is two listeners.
    const entry: Listener = (samples) => listener(samples);
    this.#listeners.add(entry);
    return () => {
      if (!this.#listeners.delete(entry) || this.#listeners.size > 0) return;
      this.#end();
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#samples = [];
    };
  }

  #take(sample: LagSample): void {
    this.#samples.push(sample);
    if (this.#samples.length >= most) return this.#tell();
    const waitMs = Math.max(0, this.#toldAt + gatherMs - performance.now());
    this.#timer ??= setTimeout(() => this.#tell(), waitMs);
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#samples.length === 0) return;
    const samples = this.#samples;
    this.#samples = [];
    this.#toldAt = performance.now();
    for (const listener of this.#listeners) listener(samples);
  }
}

const all = new WeakMap<PubSub, Gathered>();

/** Calls `listener` with what came since the last time, oldest first, until the returned function is called. */
export function gatherLag(pubsub: PubSub, listener: Listener): () => void {
  const gathered = all.get(pubsub) ?? new Gathered(pubsub);
  all.set(pubsub, gathered);
  return gathered.listen(listener);
}
