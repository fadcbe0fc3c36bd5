import type { Alert } from '@lockstep/checks';
import type { Group, Message } from './destination.ts';
import { posting } from './posting.ts';

/** What a webhook receives. Fields may be added; `version` changes when one changes its meaning. */
export interface WebhookBody extends Pick<Message, 'key' | 'event' | 'alert'> {
  version: 1;
  /** The page that shows it, where `http.publicUrl` is configured. */
  link?: string;
  /** Of a destination that groups: what the alerts have in common, and all of them; `alert` is the worst. */
  group?: Group;
  alerts?: readonly Alert[];
}

/** Any service that takes a POST of JSON. */
export const webhook = posting(({ key, event, alert, alerts, group, link }): WebhookBody => ({
  version: 1,
  key,
  event,
  alert,
  ...(link !== null && { link }),
  ...(group !== null && { group, alerts }),
}));
