import type { Delivery } from '@lockstep/checks';
import type { Notifications } from 'lockstep/src/notify/notifications.ts';
import type { TestDelivery } from 'lockstep/src/notify/send-test.ts';

/** Says what a scene tells it to; nothing leaves this machine. */
export class SceneNotifications implements Notifications {
  told: Delivery[] = [];
  outcome: TestDelivery[] = [];

  deliveries = (alertId: string) => this.told.filter(({ alert }) => alert.id === alertId);
  test = () => Promise.resolve(this.outcome);
}
