import type { Severity } from '@lockstep/checks';
import type { Destination, Message } from './destination.ts';
import { postJson } from './post-json.ts';

/** What a webhook receives. Fields may be added; `version` changes when one changes its meaning. */
export interface WebhookBody extends Message {
  version: 1;
}

/** Any service that takes a POST of JSON. */
export function webhook(name: string, url: string, minSeverity: Severity): Destination {
  return {
    name,
    minSeverity,
    send: ({ key, event, alert }, signal) => {
      const body: WebhookBody = { version: 1, key, event, alert };
      return postJson(url, body, { 'idempotency-key': key }, signal);
    },
  };
}
