import type { Alert, Delivery, Severity } from '@lockstep/checks';
import { sortedInSlices } from '../sorted-in-slices.ts';
import { turns } from '../turns.ts';
import type { Group, Message } from './destination.ts';

/** What is sent as one message: one change of an alert, or those of a group. */
export interface Parcel {
  /** The same for every attempt at it. */
  key: string;
  /** Parcels of one lane keep their order. */
  lane: string;
  /** In the order in which they happened; at least one. */
  deliveries: readonly Delivery[];
  group: Group | null;
  createdAt: Date;
  attempts: number;
  /** It repeats what was told: it is in no outbox, and what comes of it changes nothing. */
  reminder: boolean;
}

/** One change of an alert, told on its own. */
export function single(delivery: Delivery): Parcel {
  const { key, alert, createdAt, attempts } = delivery;
  return { key, lane: alert.id, deliveries: [delivery], group: null, createdAt, attempts, reminder: false };
}

const ORDER: Record<Severity, number> = { CRITICAL: 0, WARNING: 1, INFO: 2 };

/** `linkTo`: the page that shows these alerts. In slices: of a hundred thousand it takes long. */
export async function messageOf(
  parcel: Parcel,
  linkTo: (alerts: readonly Alert[]) => string | null,
): Promise<Message> {
  const { key, deliveries, group } = parcel;
  // An alert that fired and was over in the meantime is one thing to say.
  const newest = new Map<string, Alert>();
  const earlier = new Map<string, readonly Severity[]>();
  for (const delivery of deliveries) {
    newest.set(delivery.alert.id, delivery.alert);
    earlier.set(delivery.alert.id, delivery.earlier ?? []);
    if (turns.exhausted()) await turns.next();
  }
  const alerts = await sortedInSlices([...newest.values()], worseFirst);
  const alert = alerts[0]!;
  const event = alert.state === 'resolved' ? 'resolved' : 'firing';
  return { key, event, alert, alerts, group, earlier, link: linkTo(alerts) };
}

function worseFirst(a: Alert, b: Alert): number {
  return (
    Number(a.state === 'resolved') - Number(b.state === 'resolved') ||
    ORDER[a.severity] - ORDER[b.severity] ||
    a.startedAt.getTime() - b.startedAt.getTime()
  );
}
