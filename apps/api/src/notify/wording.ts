import { type Alert, beginOf, type Severity } from '@lockstep/checks';
import { printable } from '../printable.ts';
import type { Message } from './destination.ts';

/** What a message needs to be put into words; what is left out is as for one alert without a link. */
export type Told = Pick<Message, 'event' | 'alert'> & Partial<Message>;

/** So many alerts are named in one message to people; the rest are counted. */
const mostNamed = 10;
/** Of a sentence among others: the whole one is on the page. */
const longest = 300;
/** Of the only one: Teams, for one, refuses a message of 28 KB, and with it that anything is wrong. */
const longestAlone = 4_000;

/** Of several alerts of one kind; the others are named by their summary. */
const MANY: Partial<Record<Alert['rule'], string>> = {
  'table-different': 'tables differ',
  'schema-differs': 'table definitions differ',
  'table-missing': 'tables are missing',
  'table-unverified': 'tables are not verified',
  lag: 'replicas are lagging',
};

/** Something a person reads first, e.g. `CRITICAL: 60 tables differ in shop → replica-b`. */
export function headline(told: Told): string {
  return `${word(told)}: ${title(told)}`;
}

export function word({ event, alert }: Told): 'Test' | 'At work' | 'Resolved' | Severity {
  return (
    ({ test: 'Test', watchdog: 'At work', resolved: 'Resolved' } as const)[event as never] ?? alert.severity
  );
}

/** The same without what it is a case of. */
export function title(told: Told): string {
  const { alert, alerts = [alert] } = told;
  if (alerts.length === 1) return printable(alert.summary);
  const shown = whatFires(alerts);
  const kinds = new Map<Alert['rule'], { count: number; first: Alert }>();
  for (const one of shown) {
    const kind = kinds.get(one.rule);
    if (kind) kind.count++;
    else kinds.set(one.rule, { count: 1, first: one });
  }
  const counts = [...kinds].map(([rule, { count, first }]) =>
    count === 1 || !MANY[rule]
      ? `${count === 1 ? '' : `${count} × `}${printable(first.summary)}`
      : `${count} ${MANY[rule]}`,
  );
  const what = counts.length > 3 ? [...counts.slice(0, 3), `${counts.length - 3} kinds more`] : counts;
  const place = onlyPlace(shown);
  return `${what.join(', ')}${place ? ` in ${printable(place)}` : ''}`;
}

/** All of them where none fires any more. */
function whatFires(alerts: readonly Alert[]): readonly Alert[] {
  const firing = alerts.filter(({ state }) => state !== 'resolved');
  return firing.length > 0 ? firing : alerts;
}

const placeOf = ({ pair, server }: Alert): string => pair ?? server ?? '';

/** Null when there are several. */
function onlyPlace(alerts: readonly Alert[]): string | null {
  const [first] = alerts;
  if (!first) return null;
  const place = placeOf(first);
  return alerts.every((alert) => placeOf(alert) === place) ? place : null;
}

/** Each alert of a digest in a line, worst first, and how many are left out. */
export function digest({ alert, alerts = [alert], group }: Told): string[] {
  const several = onlyPlace(alerts) === null;
  const lines = alerts.slice(0, mostNamed).map((one) => {
    const where = one.table ?? (several ? (one.pair ?? one.server) : null) ?? one.summary;
    const state = one.state === 'resolved' ? 'over' : one.severity;
    return `${state} · ${bounded(where)}: ${bounded(one.evidence)}`;
  });
  const more = alerts.length - lines.length;
  const still = group?.firing ?? 0;
  return [
    ...lines,
    ...(more > 0 ? [`…and ${more} more`] : []),
    ...(alerts.some(({ state }) => state === 'resolved') && still > 0 ? [`${still} still firing`] : []),
  ];
}

/** What is known of one alert beyond its headline: evidence, place and time. */
export function particulars({ event, alert }: Told): string[] {
  const { evidence, pair, server, table, startedAt } = alert;
  const where = [
    pair === null ? null : `pair ${pair}`,
    server === null ? null : `server ${server}`,
    table === null ? null : `table ${table}`,
  ].filter((part) => part !== null);
  const since = `${event === 'resolved' ? 'began' : 'since'} ${startedAt.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  return [bounded(evidence, longestAlone), bounded([...where, since].join(' · '), longestAlone)];
}

/** All of it but the headline. */
export function lines(told: Told): string[] {
  return (told.alerts?.length ?? 1) > 1 ? digest(told) : particulars(told);
}

function bounded(text: string, most = longest): string {
  const shown = printable(text);
  return shown.length > most ? `${beginOf(shown, most)}…` : shown;
}
