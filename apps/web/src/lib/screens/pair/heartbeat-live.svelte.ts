import { type Heartbeat, heartbeatRead } from '#lib/api/documents/heartbeat.ts';
import type { Live } from '#lib/live/context.ts';
import { lagFreshMs } from '#lib/live/lag-reading.ts';
import { ticker } from '#lib/live/ticker.svelte.ts';
import { watch } from '#lib/live/watch.ts';

/** What a pair's pt-heartbeat says, where it has one. Make it in a component. */
export class HeartbeatLive {
  #newest = $state.raw<{ reading: Heartbeat; received: number; everyMs: number } | null>(null);

  constructor({ api }: Pick<Live, 'api'>, pair: () => string) {
    $effect(() => {
      const end = watch(api, heartbeatRead, { pair: pair() }, ({ heartbeat }) => {
        const received = performance.now();
        const before = this.#newest;
        this.#newest = {
          reading: heartbeat,
          received,
          everyMs: before?.reading.pair === heartbeat.pair ? received - before.received : 0,
        };
      });
      return () => {
        end();
        this.#newest = null;
      };
    });
  }

  /** The newest reading; null where none is configured. */
  get reading(): Heartbeat | null {
    return this.#newest?.reading ?? null;
  }

  /** Old readings say nothing about now. They come as seldom as is configured. */
  get isFresh(): boolean {
    const newest = this.#newest;
    if (!newest) return false;
    return ticker.monotonic - newest.received <= Math.max(lagFreshMs, 3 * newest.everyMs);
  }
}
