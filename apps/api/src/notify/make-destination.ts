import type { DestinationConfig } from '../config/loaded.ts';
import type { Destination } from './destination.ts';
import { slack } from './slack.ts';
import { webhook } from './webhook.ts';

const kinds = { webhook, slack };

export function makeDestination({ name, type, url, minSeverity }: DestinationConfig): Destination {
  return kinds[type](name, url, minSeverity);
}
