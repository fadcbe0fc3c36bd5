import type { Matcher, Silence } from '#lib/api/documents/silence.ts';
import { duration } from '#lib/format/duration.ts';
import { labelText } from './label.ts';

/** Which alerts, e.g. "pair orders, table shop.tmp_*". */
export function matcherText({ pair, rule, server, table, labels }: Silence['matcher']): string {
  const parts = Object.entries({ pair, rule, server, table }).flatMap(([word, value]) =>
    value === null ? [] : [`${word} ${value}`],
  );
  return [...parts, ...labels.map(labelText)].join(', ');
}

/** When it comes again, e.g. "0 2 * * * (Europe/Berlin), for 1 h". */
export function recurrenceText({ cron, timeZone, durationMs }: NonNullable<Silence['recurrence']>): string {
  return `${cron}${timeZone === null ? '' : ` (${timeZone})`}, for ${duration(durationMs)}`;
}

/** What a person typed; empty fields say nothing. Null where a label is no `name=value`. */
export function matcherOf(
  typed: Record<'pair' | 'rule' | 'server' | 'table' | 'labels', string>,
): Matcher | null {
  const { labels, ...patterns } = typed;
  const given = Object.entries(patterns)
    .map(([word, value]) => [word, value.trim()] as const)
    .filter(([, value]) => value !== '');
  const parts = labels
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => /^([^=]+)=(.+)$/.exec(part));
  if (parts.includes(null)) return null;
  const pairs = parts.flatMap((part) =>
    part?.[1] === undefined || part[2] === undefined ? [] : [{ name: part[1].trim(), value: part[2].trim() }],
  );
  return { ...Object.fromEntries(given), ...(pairs.length > 0 && { labels: pairs }) };
}
