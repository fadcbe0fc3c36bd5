import { z } from 'zod';
import { headers } from './headers.ts';
import { duration, name, orOff, secret, text } from './leaves.ts';

export const destinationTypes = [
  'webhook',
  'slack',
  'teams',
  'discord',
  'email',
  'pagerduty',
  'alertmanager',
] as const;

const typeExpected = `${destinationTypes.slice(0, -1).join(', ')} or ${destinationTypes.at(-1)}`;
const addressExpected = 'an address that starts with https:// or http://, or for e-mail smtps:// or smtp://';

const severityName = z.enum(['critical', 'warning', 'info'], 'critical, warning or info');

const oneOrMore = <Schema extends z.ZodType>(schema: Schema, expected: string) =>
  z.union([schema.transform((one) => [one]), z.array(schema, expected).min(1, expected)], expected);

const PATTERN = 'a pattern with * and ?, or a list of them';
const patterns = () => oneOrMore(text(PATTERN), PATTERN).optional();

const route = z.strictObject(
  {
    severity: oneOrMore(severityName, 'critical, warning, info, or a list of them').optional(),
    pair: patterns(),
    server: patterns(),
    rule: patterns(),
    table: patterns(),
    labels: z
      .record(z.string(), oneOrMore(text(PATTERN), PATTERN), 'a map of labels, such as { team: shop }')
      .optional(),
  },
  'a map of severity, pair, server, rule, table and labels',
);

const MAILBOX = 'an e-mail address, such as ops@example.com or Ops <ops@example.com>';
const mailbox = () => text(MAILBOX).regex(/^[^\r\n]*[^\s<>@]+@[^\s<>@]+>?$/, MAILBOX);

const GROUPING = "a list of pair, server, rule, severity, schema, table and labels of pairs, or ['...']";

const destination = z.strictObject(
  {
    name: name(),
    type: z.enum(destinationTypes, typeExpected),
    // Exactly one of these two. The address is the secret: whoever has it may post.
    url: secret(text(addressExpected).refine(isAddress, addressExpected)).optional(),
    urlFile: text('the path of a file that holds the address').optional(),
    headers: headers.optional(),
    from: mailbox().optional(),
    to: oneOrMore(mailbox(), 'e-mail addresses').optional(),
    routingKey: secret(text('a routing key')).optional(),
    routingKeyFile: text('the path of a file that holds the routing key').optional(),
    minSeverity: severityName.prefault('info'),
    routes: z.array(route, 'a list of routes').optional(),
    groupBy: z.array(text(GROUPING), GROUPING).optional(),
    groupWait: duration('0s', '1h').optional(),
    groupInterval: duration('0s', '24h').optional(),
    repeatInterval: orOff(duration('1m', '7d'), 'a duration from 1m to 7d').optional(),
    watchdog: orOff(duration('10s', '7d'), 'a duration from 10s to 7d').optional(),
  },
  'a destination: name, type and url or urlFile',
);

export const notificationsSection = z.array(destination, 'a list of destinations');

export function isHttpUrl(value: string): boolean {
  return URL.canParse(value) && ['http:', 'https:'].includes(new URL(value).protocol);
}

export function isSmtpUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  return ['smtp:', 'smtps:'].includes(protocol) && hostname !== '';
}

function isAddress(value: string): boolean {
  return isHttpUrl(value) || isSmtpUrl(value);
}
