import type { ServerState } from '../../model/server.ts';
import { type Condition, condition } from '../condition/condition.ts';

/** `connecting` is unknown: it is how a start looks, and how a short loss looks. */
export function connectionLost({ name, host, port, connection, evidence }: ServerState): Condition {
  const statusOf = { connected: 'false', connecting: 'unknown', disconnected: 'true' } as const;
  return condition(
    'connection-lost',
    { server: name },
    {
      status: statusOf[connection],
      severity: 'CRITICAL',
      // The attempts before a server is called disconnected were waiting enough.
      forMs: 0,
      summary: `No connection to ${name}`,
      evidence: `${name} (${host}:${port}): ${evidence}`,
    },
  );
}
