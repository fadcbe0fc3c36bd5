import { setTimeout as timeout } from 'node:timers/promises';

/** Waits; ends early, without an error, when the signal aborts. Resolves to whether the time has passed in full. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<boolean> {
  try {
    await timeout(ms, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
