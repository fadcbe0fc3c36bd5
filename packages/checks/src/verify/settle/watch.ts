import { setTimeout as delay } from 'node:timers/promises';
import type { Barrier } from './barrier.ts';
import { blindWaits } from './blind-waits.ts';
import type { CloseLook, Reads, See } from './close-look.ts';
import { shownPosition } from './sandwich.ts';

/** A read follows upon the last after such a part of the time that has passed: a long wait needs few statements. */
const part = 1 / 40;
/** What a source hides for longer is shown too late, and maybe too shortly, to be seen. A commit usually takes less. */
const shortMs = 50;

/**
 * A sandwich in which nobody blinks: the source is read all the time, from before its position is taken until it has
 * shown all that the target had. What the target shows is a version between the two, so had the source shown it, it
 * would have been seen, unless for less than lies between two reads.
 *
 * A commit that waits for another replica is on the target meanwhile, and its source may show it for a moment only,
 * before the next one waits. So the source is read with what is not committed as well: there a version stays as long as
 * on the target. Only committed reads see that one is still valid whose successor is not committed. Where a storage
 * engine does not let that be read, a look proves nothing if the source hid something for long.
 */
export async function watch<T>(
  options: { barrier: Barrier; signal: AbortSignal },
  read: Reads<T>,
  see: See<T>,
): Promise<CloseLook | null> {
  const { signal } = options;
  const { barrier, blind } = blindWaits(options.barrier);
  const { atLeast, showsPending, pace = part } = read;
  // What is hidden from the beginning would come to be seen at any moment, and maybe for no longer than that.
  await barrier.untilSourceHas(await barrier.targetPosition(signal), signal);
  const began = performance.now();
  let goesOn = true;
  let over = false;
  const lookAtSource = async (pending: boolean) => {
    if (!see(pending ? 'pending' : 'source', await read.source(pending))) goesOn = false;
  };
  const pause = () => {
    const ms = Math.max(1, (performance.now() - began) * pace);
    return delay(ms * (0.5 + Math.random()), undefined, { signal });
  };

  await lookAtSource(false);
  const source = async () => {
    for (let reads = 1, last = false; goesOn && !last; reads++) {
      await pause();
      // The last read begins when the target is done with.
      last = over && reads >= atLeast.reads;
      await lookAtSource(showsPending && !last && reads % 4 >= 2);
    }
  };
  const target = async (): Promise<CloseLook | null> => {
    try {
      const position = await barrier.sourcePosition(signal);
      await barrier.untilTargetHas(position, signal);
      const at = new Date();
      const end = performance.now() + atLeast.forMs;
      for (let reads = 0; goesOn && (reads < atLeast.reads || performance.now() < end); reads++) {
        if (reads > 0) await pause();
        if (!see('target', await read.target())) goesOn = false;
      }
      if (!goesOn) return null;
      const hiddenMs = await barrier.untilSourceHas(await barrier.targetPosition(signal), signal);
      const why = blind();
      const proves = why === null && (showsPending || hiddenMs <= shortMs);
      return { at, position: shownPosition(position), proves, ...(why !== null && { blind: why }), hiddenMs };
    } finally {
      over = true;
    }
  };
  const [watched, other] = await Promise.allSettled([target(), source()]);
  for (const side of [watched, other]) if (side.status === 'rejected') throw side.reason;
  return goesOn && watched.status === 'fulfilled' ? watched.value : null;
}
