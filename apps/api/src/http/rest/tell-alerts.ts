import type { AlertTally } from '@lockstep/checks';
import type { Exposition, Sample } from './exposition.ts';

const worst = { CRITICAL: 0, WARNING: 1, INFO: 2 };

/** Only kinds of which there is one: of all pairs and rules most have none. */
export function tellAlerts(text: Exposition, tallies: readonly AlertTally[]): void {
  const worstFirst = tallies.toSorted(
    (a, b) =>
      Number(a.state === 'pending') - Number(b.state === 'pending') || worst[a.severity] - worst[b.severity],
  );
  text.addBounded(
    'lockstep_open_alerts',
    'gauge',
    'Open alerts of a pair or a server by rule, state and severity; absent for none.',
    worstFirst.map(({ pair, server, rule, state, severity, count }): Sample => [
      {
        ...(pair !== null && { pair }),
        ...(server !== null && { server }),
        rule,
        state,
        severity: severity.toLowerCase(),
      },
      count,
    ]),
  );
}
