import type { Alert, AlertRule } from '../model/alert.ts';
import type { AlertTally } from '../model/tally.ts';

/** Of a hundred thousand alerts: no key is put together for any of them. */
export function tallyAlerts(open: Iterable<{ alert: Alert }>): AlertTally[] {
  const subjects = new Map<string, Map<AlertRule, AlertTally[]>>();
  const servers = new Map<string, Map<AlertRule, AlertTally[]>>();
  const nobody = new Map<AlertRule, AlertTally[]>();
  const all: AlertTally[] = [];
  for (const { alert } of open) {
    const { pair, server, rule, severity, state } = alert;
    if (state === 'resolved') continue;
    const rules = pair !== null ? known(subjects, pair) : server !== null ? known(servers, server) : nobody;
    let tallies = rules.get(rule);
    if (!tallies) rules.set(rule, (tallies = []));
    let tally = tallies.find((each) => each.severity === severity && each.state === state);
    if (!tally) {
      tally = { pair, server, rule, severity, state, count: 0 };
      tallies.push(tally);
      all.push(tally);
    }
    tally.count++;
  }
  return all;
}

function known<Value>(map: Map<string, Map<AlertRule, Value>>, key: string): Map<AlertRule, Value> {
  let value = map.get(key);
  if (!value) map.set(key, (value = new Map<AlertRule, Value>()));
  return value;
}
