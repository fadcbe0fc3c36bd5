import type { ServerState } from '../../model/server.ts';
import { formatDuration } from '../../time/duration.ts';
import { type Condition, condition, fingerprint } from '../condition/condition.ts';

const wrongMs = 10_000;

/** Lag does not depend on servers' clocks; what applications write does. */
export function clockWrong({ name, connection, clockAheadMs }: ServerState): Condition {
  const known = connection === 'connected' && clockAheadMs !== null;
  const off = Math.abs(clockAheadMs ?? 0);
  const direction = (clockAheadMs ?? 0) > 0 ? 'ahead of' : 'behind';
  return condition(
    'clock-wrong',
    { server: name },
    {
      status: known ? (off >= wrongMs ? 'true' : 'false') : 'unknown',
      severity: 'WARNING',
      summary: `Clock of ${name} is wrong`,
      evidence: known
        ? `the clock of ${name} is ${formatDuration(off)} ${direction} that of Lockstep's machine, ${off >= wrongMs ? '≥' : '<'} ${formatDuration(wrongMs)}; measured lag does not depend on it`
        : `the clock of ${name} is not known`,
      follows: [fingerprint('connection-lost', { server: name })],
    },
  );
}
