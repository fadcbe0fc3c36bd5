import type { Alert, Delivery, Severity } from '@lockstep/checks';

const ORDER: Severity[] = ['INFO', 'WARNING', 'CRITICAL'];
const rank = (severity: Severity) => ORDER.indexOf(severity);

/**
 * Whether a change of an alert is to be told to a destination, and under which key. It is told that an alert fires,
 * that it got worse, and that it is over, if it was told that it fired; not what is silenced or only follows from
 * another alert. `told`: the messages about this alert to this destination so far.
 */
export function keyToTell(
  alert: Alert,
  told: readonly Delivery[],
  minSeverity: Severity,
  now: Date,
): string | null {
  const key = alert.state === 'resolved' ? `${alert.id}/resolved` : `${alert.id}/firing/${alert.severity}`;
  if (told.some((delivery) => delivery.key === key)) return null;
  if (alert.state === 'resolved') return told.some(({ state }) => state !== 'given-up') ? key : null;

  if (alert.state !== 'firing' || alert.inhibitedBy !== null) return null;
  if (alert.silencedUntil !== null && alert.silencedUntil > now) return null;
  if (rank(alert.severity) < rank(minSeverity)) return null;
  const worstTold = Math.max(-1, ...told.map((delivery) => rank(delivery.alert.severity)));
  return rank(alert.severity) > worstTold ? key : null;
}
