import type { ServerState } from '../../model/server.ts';
import { type Condition, condition } from '../condition/condition.ts';
import type { PairSnapshot } from '../condition/snapshot.ts';
import { lostConnections } from './connections.ts';

/** Right after a start, and after a loss, the first samples and the first status have to come in. */
const settleMs = 2000;

/**
 * Both servers answer, and still nobody can say how far behind the target is: the lag rule judges nothing meanwhile.
 */
export function lagUnknown(pair: PairSnapshot, servers: ServerState[], at: Date): Condition {
  const { config, state } = pair;
  const sides = servers.filter(({ name }) => name === config.source || name === config.target);
  const away = sides.some(({ connection }) => connection !== 'connected');
  const settling = at.getTime() - state.since.getTime() < settleMs;
  const unknown = state.state === 'unknown';
  return condition(
    'lag-unknown',
    { pair: config.name },
    {
      status: away || (unknown && settling) ? 'unknown' : unknown ? 'true' : 'false',
      severity: 'WARNING',
      summary: 'Lag is unknown',
      evidence: state.evidence,
      follows: lostConnections(pair),
    },
  );
}
