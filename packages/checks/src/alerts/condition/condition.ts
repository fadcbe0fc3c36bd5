import { beginOf } from '../../begin-of.ts';
import type { AlertRule, Severity } from '../../model/alert.ts';
import { formatTableName, type TableName } from '../../table-name.ts';

/** What a condition is about; with its rule it makes the fingerprint. */
export interface Subject {
  pair?: string;
  server?: string;
  table?: TableName;
}

/** What one rule has to say about one subject now. */
export interface Condition {
  rule: AlertRule;
  fingerprint: string;
  subject: Subject;
  /** `unknown` raises nothing and resolves nothing. */
  status: 'true' | 'false' | 'unknown';
  severity: Severity;
  /**
   * Too good to raise an alert, too bad to end one: a firing alert goes on at this severity, or at its own if lower.
   */
  keeps?: Severity;
  /** A short title. */
  summary: string;
  /** The sentence that explains `status`. */
  evidence: string;
  /** How bad it is, in the rule's own measure (ms of lag, rows): it tells the worst moment of several. */
  size?: number;
  /** How long it must last before it fires; as configured for all rules unless told. */
  forMs?: number;
  /** How long it must be over before it resolves; as configured for all rules unless told. */
  keepFiringForMs?: number;
  /** Fingerprints of conditions that would explain this one: while one of them is an alert, this one is inhibited. */
  follows?: string[];
  /** Why there is no one server that the unknown could be known of: an alert that is only pending ends with it. */
  ofSeveral?: string;
}

/** Stable over restarts: one alert while the condition lasts, however many cycles see it. */
export function fingerprint(rule: AlertRule, subject: Subject): string {
  const { pair, server, table } = subject;
  if (pair === undefined || server !== undefined || table !== undefined) return made(rule, subject);
  const known = ofPairs.get(pair) ?? {};
  ofPairs.set(pair, known);
  return (known[rule] ??= made(rule, subject));
}

/** Asked for by every rule of every configured pair, every second, and looked up. */
const ofPairs = new Map<string, Partial<Record<AlertRule, string>>>();

function made(rule: AlertRule, { pair, server, table }: Subject): string {
  let text: string = rule;
  if (server !== undefined) text += ` server=${server}`;
  if (pair !== undefined) text += ` pair=${pair}`;
  if (table !== undefined) text += ` table=${formatTableName(table)}`;
  return text;
}

export function condition(
  rule: AlertRule,
  subject: Subject,
  said: Omit<Condition, 'rule' | 'subject' | 'fingerprint'>,
): Condition {
  return {
    rule,
    subject,
    fingerprint: fingerprint(rule, subject),
    ...said,
    evidence: bounded(said.evidence),
  };
}

/** An alert is kept, shown and sent again and again, several sentences at a time; many a receiver takes a megabyte. */
const mostChars = 10_000;

function bounded(evidence: string): string {
  if (evidence.length <= mostChars) return evidence;
  return `${beginOf(evidence, mostChars)}… and ${evidence.length - mostChars} characters more`;
}
