import type { Alert, Delivery, Severity } from '@lockstep/checks';

const ORDER: Severity[] = ['INFO', 'WARNING', 'CRITICAL'];
const rank = (severity: Severity) => ORDER.indexOf(severity);

/**
 * Whether a change of an alert is to be told to a destination, and under which key. It is told that an alert fires,
 * that it got worse, and that it is over, if it was told that it fired; not what is silenced or only follows from
 * another alert. `deliveries`: the messages about this alert to this destination so far.
 */
export function keyToTell(
  alert: Alert,
  deliveries: readonly Delivery[],
  minSeverity: Severity,
  now: Date,
): string | null {
  const told = deliveries.filter(({ state }) => state !== 'held-back');
  const key = alert.state === 'resolved' ? `${alert.id}/resolved` : firingKey(alert.id, alert.severity);
  if (told.some((delivery) => delivery.key === key)) return null;
  if (alert.state === 'resolved') return told.some(({ state }) => state !== 'given-up') ? key : null;

  if (alert.state !== 'firing' || alert.inhibitedBy !== null) return null;
  if (isSilenced(alert, now)) return null;
  if (rank(alert.severity) < rank(minSeverity)) return null;
  const worstTold = Math.max(-1, ...told.map((delivery) => rank(delivery.alert.severity)));
  return rank(alert.severity) > worstTold ? key : null;
}

export function isSilenced({ silencedUntil }: Alert, now: Date): boolean {
  return silencedUntil !== null && silencedUntil > now;
}

export function firingKey(alertId: string, severity: Severity): string {
  return `${alertId}/firing/${severity}`;
}
