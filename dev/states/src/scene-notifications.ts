import type { Delivery } from '@lockstep/checks';
import type { Brought, Waiting } from 'lockstep/src/notify/courier.ts';
import type { Notifications } from 'lockstep/src/notify/notifications.ts';
import type { TestDelivery } from 'lockstep/src/notify/send-test.ts';

/** Says what a scene tells it to; nothing leaves this machine. */
export class SceneNotifications implements Notifications {
  told: Delivery[] = [];
  outcome: TestDelivery[] = [];

  waits: Waiting[] = [];

  waiting = () => this.waits;
  brought = (): Brought[] => [];
  deliveries = (alertId: string) => this.told.filter(({ alert }) => alert.id === alertId);
  test = () => Promise.resolve(this.outcome);
}
