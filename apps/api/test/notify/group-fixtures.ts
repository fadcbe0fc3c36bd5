import { setTimeout } from 'node:timers/promises';
import type { Destination } from '../../src/notify/destination.ts';
import type { NotifierOptions } from '../../src/notify/notifier.ts';
import { notify, START } from './fixtures.ts';

export * from './group-tables.ts';

/** A notifier whose clock is moved by hand, from its very start: it may not know yet what was told before. */
export function beginByClock(destinations: Destination[], options: Partial<NotifierOptions> = {}) {
  const clock = { ms: 0 };
  const told = notify('', {
    destinations,
    now: () => START + clock.ms,
    clock: () => clock.ms,
    sleep: (_ms, signal) => setTimeout(1, undefined, { signal }),
    ...options,
  });
  return { ...told, pass: (ms: number) => void (clock.ms += ms) };
}

/** The same once it is at work: what changes is taken in at once, and not after the clock was moved. */
export async function notifyByClock(destinations: Destination[], options: Partial<NotifierOptions> = {}) {
  const notifying = beginByClock(destinations, options);
  await notifying.ready;
  return notifying;
}
