import type { PairConfig } from '../../config.ts';
import { fingerprint } from '../condition/condition.ts';
import type { PairSnapshot } from '../condition/snapshot.ts';

/** What a pair's condition follows from when one of its servers is gone. */
export function lostConnections({ config }: PairSnapshot): string[] {
  let said = known.get(config);
  if (!said) {
    said = [config.source, config.target].map((server) => fingerprint('connection-lost', { server }));
    known.set(config, said);
  }
  return said;
}

/** Asked for by most rules on every pair, every second. */
const known = new WeakMap<PairConfig, string[]>();
