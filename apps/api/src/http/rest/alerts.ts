import { type AlertState, type Engine, EngineRequestError, type Severity } from '@lockstep/checks';
import { findAlerts } from '../../alerts.ts';
import { readQuery, wordsOf } from './query.ts';

const states: AlertState[] = ['pending', 'firing', 'resolved'];
const severities: Severity[] = ['CRITICAL', 'WARNING', 'INFO'];
const maxPage = 200;

/**
 * `/api/alerts?state=&severity=&pair=&first=&after=`, newest first. Throws EngineRequestError for a filter that makes
 * no sense.
 */
export function alertsAnswer(engine: Engine, query: URLSearchParams) {
  const given = readQuery(query, ['state', 'severity', 'pair', 'first', 'after']);
  const page = findAlerts(
    engine,
    {
      ...(given.state.length > 0 && { states: wordsOf('state', given.state, states) }),
      ...(given.severity.length > 0 && { severities: wordsOf('severity', given.severity, severities) }),
      ...(given.pair.length > 0 && { pair: only('pair', given.pair) }),
    },
    {
      limit: given.first.length > 0 ? pageSize(only('first', given.first)) : 50,
      cursor: given.after.length > 0 ? only('after', given.after) : null,
    },
  );
  return { alerts: page.items, totalCount: page.total, nextCursor: page.nextCursor };
}

function only(name: string, values: readonly string[]): string {
  const [value, ...more] = values;
  if (value === undefined || more.length > 0) {
    throw new EngineRequestError('INVALID', `Give \`${name}\` once.`);
  }
  return value;
}

function pageSize(value: string): number {
  const size = /^\d{1,4}$/.test(value) ? Number(value) : 0;
  if (size >= 1 && size <= maxPage) return size;
  throw new EngineRequestError('INVALID', `\`first\` cannot be "${value}"; it can be 1 to ${maxPage}.`);
}
