import type { ServerState } from '../../model/server.ts';
import { type Condition, condition, fingerprint } from '../condition/condition.ts';

/** Lockstep may not do something here that it needs; the rest goes on. */
export function privilegeMissing({ name, connection, missingPrivileges }: ServerState): Condition {
  const missing = missingPrivileges.map(
    ({ feature, grant, message }) => `no ${feature}: ${message}; mended by: ${grant}`,
  );
  return condition(
    'privilege-missing',
    { server: name },
    {
      status: missing.length > 0 ? 'true' : connection === 'connected' ? 'false' : 'unknown',
      severity: 'WARNING',
      summary: `Lockstep lacks a privilege on ${name}`,
      evidence: missing.length > 0 ? missing.join('. ') : `${name}: no privilege is known to be missing`,
      follows: [fingerprint('connection-lost', { server: name })],
    },
  );
}
