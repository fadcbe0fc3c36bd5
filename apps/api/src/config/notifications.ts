import { z } from 'zod';
import { name, secret, text } from './leaves.ts';

const urlExpected = 'an address that starts with https:// or http://';

const destination = z.strictObject(
  {
    name: name(),
    type: z.enum(['webhook', 'slack'], 'webhook or slack'),
    // Exactly one of these two. The address is the secret: whoever has it may post.
    url: secret(text(urlExpected).refine(isHttpUrl, urlExpected)).optional(),
    urlFile: text('the path of a file that holds the address').optional(),
    minSeverity: z.enum(['critical', 'warning', 'info'], 'critical, warning or info').prefault('info'),
  },
  'a destination: name, type and url or urlFile',
);

export const notificationsSection = z.array(destination, 'a list of destinations');

export function isHttpUrl(value: string): boolean {
  return URL.canParse(value) && ['http:', 'https:'].includes(new URL(value).protocol);
}
