import type { AlertRule } from '@lockstep/checks';
import { z } from 'zod';
import { duration, MAP } from './leaves.ts';

// A map, so that the compiler asks for every rule.
const RULES = Object.keys({
  lag: true,
  'lag-unknown': true,
  'replication-stopped': true,
  'replication-broken': true,
  'replication-missing': true,
  'replication-repointed': true,
  'connection-lost': true,
  'connection-unstable': true,
  'privilege-missing': true,
  'read-only-changed': true,
  'server-replaced': true,
  'clock-wrong': true,
  'table-different': true,
  'schema-differs': true,
  'mask-unfit': true,
  'table-missing': true,
  'table-unverified': true,
  'errant-transactions': true,
  'group-member-lost': true,
  'group-degraded': true,
  'group-split': true,
  'flow-control': true,
  'check-failing': true,
  'storage-degraded': true,
  'internal-error': true,
} satisfies Record<AlertRule, true>) as AlertRule[];

const severity = z.enum(['critical', 'warning', 'info', 'off'], 'critical, warning, info or off').optional();

const severities = Object.fromEntries(RULES.map((rule) => [rule, severity])) as Record<
  AlertRule,
  typeof severity
>;

export const alertsSection = z.strictObject(
  {
    for: duration('0s', '24h').prefault('10s'),
    keepFiringFor: duration('0s', '24h').prefault('15s'),
    unverifiedFor: duration('1m', '365d').prefault('24h'),
    severities: z.strictObject(severities, MAP).prefault({}),
  },
  MAP,
);
