import type { PairConfig } from '@lockstep/checks';
import type { LoadedConfig } from '../config/index.ts';
import { suggestion } from '../config/suggest.ts';
import { UsageError } from './io.ts';

/** Those that were named, or all. Throws UsageError on a name that is none. */
export function choosePairs({ engine: { pairs } }: LoadedConfig, names: string[] | undefined): PairConfig[] {
  const known = pairs.map(({ name }) => name);
  for (const name of names ?? []) {
    if (!known.includes(name)) throw new UsageError(`--pair ${name}: no such pair${suggestion(name, known)}`);
  }
  return names ? pairs.filter(({ name }) => names.includes(name)) : pairs;
}
