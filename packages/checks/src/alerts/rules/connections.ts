import { fingerprint } from '../condition/condition.ts';
import type { PairSnapshot } from '../condition/snapshot.ts';

/** What a pair's condition follows from when one of its servers is gone. */
export function lostConnections({ config }: PairSnapshot): string[] {
  return [config.source, config.target].map((server) => fingerprint('connection-lost', { server }));
}
