import type { EngineConfig } from '@lockstep/checks';

const none: Readonly<Record<string, string>> = {};

/** The labels of a pair by its name; of none, none. */
export function pairLabels({
  pairs,
}: EngineConfig): (pair: string | null) => Readonly<Record<string, string>> {
  const known = new Map(pairs.map(({ name, labels = none }) => [name, labels]));
  return (pair) => (pair === null ? none : (known.get(pair) ?? none));
}
