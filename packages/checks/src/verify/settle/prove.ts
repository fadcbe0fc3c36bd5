import { setTimeout as delay } from 'node:timers/promises';
import type { CloseLook, LookClosely, Proved } from './close-look.ts';
import { lookWhileStill } from './look-while-still.ts';
import type { SettleOptions } from './options.ts';
import type { Look } from './settle-rows.ts';
import { watch } from './watch.ts';

/** So often it is looked before nothing is said. */
const attempts = 3;

/**
 * The rule that every difference is confirmed by: rounds only propose. What the target shows must be no version that
 * the source had when the target came to it, and that is proved where the source stood still, or was watched without a
 * blink. Where there is replication a look that waited without a position proves nothing: another one may, once
 * positions tell again, and if none does, what it showed stays unproved for the table. `look` takes such a look and
 * returns what showed in it just what the rounds had shown.
 */
export async function prove<T>(
  things: T[],
  { barrier, signal, pauseMs }: Pick<SettleOptions, 'barrier' | 'signal' | 'pauseMs'>,
  look: (open: T[], closely: LookClosely) => Promise<{ steady: T[]; look: CloseLook | null }>,
): Promise<Proved<T>> {
  let open = things;
  let hiddenMs = Infinity;
  let blind: { because: string; look: Look } | null = null;
  // No other look proves more, as long as positions tell nothing.
  const hopeless = () => blind !== null && barrier.unproved !== null;
  for (let attempt = 0; attempt < attempts && open.length > 0 && !hopeless(); attempt++) {
    for (const closely of [lookWhileStill, watch]) {
      // Where a source stands still, the moment is no matter.
      if (attempt > 0 || closely === watch) await delay(pauseMs(), undefined, { signal });
      const { steady, look: close } = await look(open, closely);
      open = steady;
      if (!close || open.length === 0) return { different: [], unproved: [], hiddenMs: 0 };
      const { at, position } = close;
      const showed = { at, position };
      if (close.proves) return differ(open, showed);
      if (close.blind !== undefined) blind = { because: close.blind, look: showed };
      if (close.hiddenMs > 0) hiddenMs = Math.min(hiddenMs, close.hiddenMs);
    }
  }
  if (blind && open.length > 0) {
    barrier.keepUnproved(blind.because);
    return differ(open, blind.look);
  }
  return { different: [], unproved: open, hiddenMs: open.length > 0 ? hiddenMs : 0 };
}

function differ<T>(things: T[], look: Look): Proved<T> {
  return { different: things.map((of) => ({ of, look })), unproved: [], hiddenMs: 0 };
}

export function whyUnproved(source: string, { hiddenMs }: Pick<Proved<unknown>, 'hiddenMs'>): string {
  const ms = Math.round(hiddenMs);
  return `what differs may be in flight: ${source} shows what it has sent only ${ms} ms later, or more`;
}
