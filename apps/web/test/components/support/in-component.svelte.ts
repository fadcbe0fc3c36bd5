import { flushSync } from 'svelte';
import { onTestFinished } from 'vitest';

/** Makes something as a component would; `end` ends it before the test does. */
export function inComponent<T>(make: () => T): { made: T; end: () => void } {
  let made!: T;
  const end = $effect.root(() => {
    made = make();
  });
  onTestFinished(end);
  flushSync();
  return { made, end };
}
