import type { PairConfig } from '../config.ts';
import type { LagManager } from '../lag/lag-manager.ts';
import { lagBounds } from '../position/lag-bounds.ts';
import type { ConnectionManager } from '../server/connection-manager.ts';
import { PairCheck, type PairCheckOptions } from '../verify/run/pair-check.ts';
import { ReplicationBarrier } from '../verify/settle/replication-barrier.ts';
import { wayBack } from '../verify/settle/way-back.ts';

export interface CheckParts {
  pair: PairConfig;
  servers: ConnectionManager;
  /** Watches this pair, too. */
  lag: LagManager;
}

/** What of a check is its own: everything that does not follow from the pair and its servers. */
export type CheckOrder = Omit<
  PairCheckOptions,
  'pair' | 'source' | 'target' | 'barrier' | 'onBegin' | 'stopped' | 'busy' | 'lag'
>;

/** Opens what connections a check will take, side by side, in place of one after the other as it comes to need them. */
export function warmFor({ source, target, verify }: PairConfig, servers: ConnectionManager): void {
  // What looks at the server's load asks beside the workers.
  for (const name of [source, target]) servers.get(name).warm(verify.parallel + 1);
}

/** A check over a pair, which knows how the pair replicates and how far behind it is. */
export function makeCheck({ pair, servers, lag }: CheckParts, order: CheckOrder): PairCheck {
  const source = servers.get(pair.source);
  const target = servers.get(pair.target);
  const route = () => lag.route(pair.name);
  const { waitMs, settleMs } = pair.verify;
  return new PairCheck({
    pair,
    source,
    target,
    barrier: new ReplicationBarrier({ source, target, route, waitMs, settleMs, wayBack }),
    onBegin: () => warmFor(pair, servers),
    stopped: () => route()?.stopped ?? null,
    busy: () => lag.joining(source.name) ?? lag.joining(target.name),
    lag: () => lagBounds(lag.sample(pair.name), route()),
    ...order,
  });
}
