import type { ServerState } from '../../model/server.ts';
import { condition, type Condition } from '../condition.ts';
import type { PairSnapshot } from '../snapshot.ts';
import { lostConnections } from './connections.ts';

/** Both servers answer, and still nobody can say how far behind the target is: the lag rule judges nothing meanwhile. */
export function lagUnknown(pair: PairSnapshot, servers: ServerState[]): Condition {
  const { config, state } = pair;
  const sides = servers.filter(({ name }) => name === config.source || name === config.target);
  const away = sides.some(({ connection }) => connection !== 'connected');
  return condition(
    'lag-unknown',
    { pair: config.name },
    {
      status: away ? 'unknown' : state.state === 'unknown' ? 'true' : 'false',
      severity: 'WARNING',
      summary: 'Lag is unknown',
      evidence: state.evidence,
      follows: lostConnections(pair),
    },
  );
}
