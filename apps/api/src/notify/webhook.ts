import type { Alert, Delivery, Severity } from '@lockstep/checks';
import type { Destination } from './destination.ts';
import { postJson } from './post-json.ts';

/** What a webhook receives. Fields may be added; `version` changes when one changes its meaning. */
export interface WebhookBody {
  version: 1;
  /** The same for every attempt at this message, also in the header `Idempotency-Key`. */
  key: string;
  event: 'firing' | 'resolved';
  alert: Alert;
}

/** Any service that takes a POST of JSON. */
export function webhook(name: string, url: string, minSeverity: Severity): Destination {
  return {
    name,
    minSeverity,
    send: ({ key, alert }: Delivery, signal) => {
      const event = alert.state === 'resolved' ? 'resolved' : 'firing';
      const body: WebhookBody = { version: 1, key, event, alert };
      return postJson(url, body, { 'idempotency-key': key }, signal);
    },
  };
}
