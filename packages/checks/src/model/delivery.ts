import type { Alert } from './alert.ts';

/** One message about an alert to one destination, from when it was decided on until it arrived or was given up. */
export interface Delivery {
  /** What is told: `<alert id>/firing/<severity>` or `<alert id>/resolved`. Nothing is told twice under one key. */
  key: string;
  /** The destination's name in the configuration. */
  destination: string;
  /** As it was when the message was decided on. */
  alert: Alert;
  state: 'waiting' | 'delivered' | 'given-up';
  createdAt: Date;
  /** When it arrived or was given up. */
  endedAt: Date | null;
  attempts: number;
  /** Why the last attempt failed. */
  error: string | null;
}
