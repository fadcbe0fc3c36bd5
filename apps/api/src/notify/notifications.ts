import type { Delivery } from '@lockstep/checks';
import type { Brought, Waiting } from './courier.ts';
import type { TestDelivery } from './send-test.ts';

/** What the API needs of the notifier. */
export interface Notifications {
  /** What was told about an alert, oldest first. */
  deliveries(alertId: string): Delivery[];
  /** What waits to be told, by destination. */
  waiting(): Waiting[];
  /** What became of messages since this process began, by destination. */
  brought(): Brought[];
  /** Tells this destination, or every one, that this is a test; once, with no further attempt. */
  test(by: string, destination?: string): Promise<TestDelivery[]>;
}
