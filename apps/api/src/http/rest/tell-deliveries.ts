import type { Notifications } from '../../notify/notifications.ts';
import { type Exposition, type Sample, seconds } from './exposition.ts';

/** By destination, of which there are as many as are configured. */
export function tellDeliveries(text: Exposition, notifications: Notifications): void {
  const brought = notifications.brought();
  const waiting = notifications.waiting();
  text.add(
    'lockstep_notifications_total',
    'counter',
    'Messages about alerts that came to their end, by what became of them.',
    brought.flatMap(({ destination, delivered, givenUp }): Sample[] => [
      [{ destination, outcome: 'delivered' }, delivered],
      [{ destination, outcome: 'given_up' }, givenUp],
    ]),
  );
  text.add(
    'lockstep_notification_failed_attempts_total',
    'counter',
    'Attempts to bring a message that failed; most are made again.',
    brought.map(({ destination, failedAttempts }) => [{ destination }, failedAttempts]),
  );
  text.add(
    'lockstep_notifications_waiting',
    'gauge',
    'Messages that were not brought yet, those included that are being gathered.',
    waiting.map(({ destination, count }) => [{ destination }, count]),
  );
  text.add(
    'lockstep_notification_oldest_waiting_timestamp_seconds',
    'gauge',
    'Since when the oldest of them waits; absent while none does.',
    waiting.map(({ destination, oldest }) => [{ destination }, seconds(oldest?.createdAt.getTime())]),
  );
}
