import type { Alert, Severity } from './alert.ts';

/** One message about an alert to one destination, from when it was decided on until it arrived or was given up. */
export interface Delivery {
  /**
   * What is told: `<alert id>/firing/<severity>` or `<alert id>/resolved`. What is known to have arrived under one key
   * is not told again.
   */
  key: string;
  /** The destination's name in the configuration. */
  destination: string;
  /** As it was when the message was decided on. */
  alert: Alert;
  /** The key of the one message that tells this together with others; absent for what is told on its own. */
  message?: string;
  /**
   * The key of the delivery that `message` was begun with; absent for that one itself. What became of the message is
   * noted there before it is noted anywhere else.
   */
  first?: string;
  /** The severities under which the alert was told to this destination before. */
  earlier?: readonly Severity[];
  /** `held-back`: silenced before it was sent. It may be told later, under the same key. */
  state: 'waiting' | 'delivered' | 'given-up' | 'held-back';
  createdAt: Date;
  /** When it arrived, was given up or held back. */
  endedAt: Date | null;
  attempts: number;
  /** Why the last attempt failed. */
  error: string | null;
}
