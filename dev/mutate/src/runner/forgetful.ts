import type { InstrumenterContext } from '@stryker-mutator/api/core';

/** What the engine imports in the place of its own: what was parsed by one mutation is no answer to the next. */
export function remember<T>(parse: (text: string) => T): (text: string) => T {
  let parsed = new Map<string, T>();
  let by: string | undefined;
  return (text) => {
    const { activeMutant } = (globalThis as { __stryker__?: InstrumenterContext }).__stryker__ ?? {};
    if (activeMutant !== by) parsed = new Map();
    by = activeMutant;
    if (!parsed.has(text)) parsed.set(text, parse(text));
    return parsed.get(text)!;
  };
}
