import type { ServerState } from '../../model/server.ts';
import { formatDuration } from '../../time/duration.ts';
import { formatInstant } from '../../time/instant.ts';
import { type Condition, condition, fingerprint } from '../condition/condition.ts';

/** One broken connection heals unseen; so many have a cause that goes on. */
const MANY = 3;

/** Somebody, or something in between, breaks connections again and again though the server is there. */
export function connectionUnstable({ name, broken, connection }: ServerState): Condition {
  const many = broken !== null && broken.count >= MANY;
  return condition(
    'connection-unstable',
    { server: name },
    {
      status: connection === 'connected' ? (many ? 'true' : 'false') : 'unknown',
      severity: 'WARNING',
      forMs: 0,
      summary: `Connections to ${name} keep breaking`,
      evidence: broken
        ? `${broken.count === 1 ? '1 connection' : `${broken.count} connections`} broke within ${formatDuration(broken.withinMs)}, the last at ${formatInstant(broken.at)}: ${broken.message}`
        : `${name}: no connection broke lately`,
      follows: [fingerprint('connection-lost', { server: name })],
    },
  );
}
