import type { Alert } from '@lockstep/checks';
import { turns } from '../turns.ts';
import type { Group, Message } from './destination.ts';
import { posting } from './posting.ts';

/** Of the alerts of a group: many a server takes a megabyte and no more. */
const mostBytes = 900_000;

/** What a webhook receives. Fields may be added; `version` changes when one changes its meaning. */
export interface WebhookBody extends Pick<Message, 'key' | 'event' | 'alert'> {
  version: 1;
  /** The page that shows it, where `http.publicUrl` is configured. */
  link?: string;
  /** Of a destination that groups: what the alerts have in common, and these themselves; `alert` is the worst. */
  group?: Group;
  /** The worst first, as many as are not too much for one message. */
  alerts?: readonly Alert[];
  /** How many more there are, in Alertmanager's word. */
  truncatedAlerts?: number;
}

/** Any service that takes a POST of JSON. */
export const webhook = posting(async (message: Message): Promise<WebhookBody> => {
  const { key, event, alert, group, link } = message;
  return {
    version: 1,
    key,
    event,
    alert,
    ...(link !== null && { link }),
    ...(group !== null && { group, ...(await listed(message)) }),
  };
});

async function listed({ alerts }: Message): Promise<Pick<WebhookBody, 'alerts' | 'truncatedAlerts'>> {
  let bytes = 0;
  for (const [i, alert] of alerts.entries()) {
    bytes += Buffer.byteLength(JSON.stringify(alert)) + 1;
    if (bytes > mostBytes) return { alerts: alerts.slice(0, i), truncatedAlerts: alerts.length - i };
    if (turns.exhausted()) await turns.next();
  }
  return { alerts, truncatedAlerts: 0 };
}
