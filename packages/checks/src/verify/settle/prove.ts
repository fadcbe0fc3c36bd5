import { setTimeout as delay } from 'node:timers/promises';
import type { CloseLook, LookClosely, Proved } from './close-look.ts';
import { lookWhileStill } from './look-while-still.ts';
import type { SettleOptions } from './options.ts';
import { watch } from './watch.ts';

/** So often it is looked before nothing is said. */
const attempts = 3;

/**
 * The rule that every difference is confirmed by: rounds only propose. What the target shows must be no version that
 * the source had when the target came to it, and that is proved where the source stood still, or was watched without a
 * blink. `look` takes such a look and returns what showed in it just what the rounds had shown.
 */
export async function prove<T>(
  things: T[],
  { signal, pauseMs }: Pick<SettleOptions, 'signal' | 'pauseMs'>,
  look: (open: T[], closely: LookClosely) => Promise<{ steady: T[]; look: CloseLook | null }>,
): Promise<Proved<T>> {
  let open = things;
  let hiddenMs = Infinity;
  for (let attempt = 0; attempt < attempts && open.length > 0; attempt++) {
    for (const closely of [lookWhileStill, watch]) {
      // Where a source stands still, the moment is no matter.
      if (attempt > 0 || closely === watch) await delay(pauseMs(), undefined, { signal });
      const { steady, look: close } = await look(open, closely);
      open = steady;
      if (!close || open.length === 0) return { different: [], unproved: [], hiddenMs: 0 };
      const { at, position } = close;
      if (close.proves) {
        return { different: open.map((of) => ({ of, look: { at, position } })), unproved: [], hiddenMs: 0 };
      }
      if (close.hiddenMs > 0) hiddenMs = Math.min(hiddenMs, close.hiddenMs);
    }
  }
  return { different: [], unproved: open, hiddenMs: open.length > 0 ? hiddenMs : 0 };
}

export function whyUnproved(source: string, { hiddenMs }: Pick<Proved<unknown>, 'hiddenMs'>): string {
  const ms = Math.round(hiddenMs);
  return `what differs may be in flight: ${source} shows what it has sent only ${ms} ms later, or more`;
}
