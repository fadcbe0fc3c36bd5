import type { Alert, Delivery } from '@lockstep/checks';
import type { Destination } from './destination.ts';
import { keyToTell } from './key-to-tell.ts';
import { fits } from './route.ts';

/** What each destination is now to be told of an alert. `known`: what was told of it; `labels`: of its pair. */
export function toTell(
  alert: Alert,
  known: readonly Delivery[],
  destinations: readonly Destination[],
  labels: Readonly<Record<string, string>>,
  at: Date,
): Delivery[] {
  return destinations.flatMap(({ name, minSeverity, routes }): Delivery[] => {
    const told = known.filter(({ destination }) => destination === name);
    const key = keyToTell(alert, told, minSeverity, at);
    if (key === null) return [];
    // Who was told that it fires is told that it is over, whatever became of it meanwhile.
    if (alert.state !== 'resolved' && routes && !routes.some((route) => fits(route, alert, labels))) {
      return [];
    }
    const earlier = new Set(
      told.filter(({ state }) => state !== 'held-back').map((delivery) => delivery.alert.severity),
    );
    return [
      {
        key,
        destination: name,
        alert,
        ...(earlier.size > 0 && { earlier: [...earlier] }),
        state: 'waiting',
        createdAt: at,
        endedAt: null,
        attempts: 0,
        error: null,
      },
    ];
  });
}
