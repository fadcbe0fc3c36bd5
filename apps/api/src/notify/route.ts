import { type Alert, type Severity, wildcards } from '@lockstep/checks';

/**
 * Alerts that have one of the values named under each word. Values may hold `*` and `?`; null asks for nothing. What an
 * alert does not have is empty text.
 */
export interface Route {
  severity: readonly Severity[] | null;
  pair: readonly string[] | null;
  server: readonly string[] | null;
  rule: readonly string[] | null;
  /** `schema.table`. */
  table: readonly string[] | null;
  /** Of the alert's pair. */
  labels: Readonly<Record<string, readonly string[]>>;
}

export function fits(route: Route, alert: Alert, labels: Readonly<Record<string, string>>): boolean {
  if (route.severity && !route.severity.includes(alert.severity)) return false;
  const words = ['pair', 'server', 'rule', 'table'] as const;
  if (!words.every((word) => oneOf(route[word], alert[word]))) return false;
  return Object.entries(route.labels).every(([name, values]) =>
    oneOf(values, Object.hasOwn(labels, name) ? labels[name] : null),
  );
}

function oneOf(patterns: readonly string[] | null, value: string | null | undefined): boolean {
  return patterns === null || patterns.some((pattern) => wildcards(pattern)(value ?? ''));
}
