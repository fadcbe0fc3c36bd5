import type { MaintenanceConfig } from '@lockstep/checks';
import { Cron } from 'croner';
import { z } from 'zod';
import { labelsSection } from './labels.ts';
import { duration, MAP, name, text } from './leaves.ts';

const CRON = 'a cron pattern of five fields, such as "0 2 * * SUN" (02:00 every Sunday)';
const ZONE = 'a time zone such as Europe/Berlin or UTC';
const INSTANT = 'an instant such as 2026-12-01T22:00:00Z';
const MATCH = 'which alerts: at least one of pair, rule, server, table and labels';
const WHEN = 'cron with duration, or until: a time that comes again, or one that ends';

const pattern = text('a pattern with * and ?').max(200, 'a pattern of at most 200 characters').optional();

const match = z
  .strictObject(
    { pair: pattern, rule: pattern, server: pattern, table: pattern, labels: labelsSection },
    MATCH,
  )
  .refine(({ labels, ...patterns }) => Object.keys({ ...patterns, ...labels }).length > 0, MATCH);

const instant = z.iso.datetime({ offset: true, error: INSTANT }).transform((value) => new Date(value));

const window = z
  .strictObject(
    {
      name: name(),
      match,
      cron: text(CRON)
        .refine((value) => value.trim().split(/\s+/).length === 5 && comes(value), CRON)
        .optional(),
      duration: duration('1m', '7d').optional(),
      timeZone: text(ZONE).refine(isTimeZone, ZONE).optional(),
      from: instant.optional(),
      until: instant.optional(),
    },
    MAP,
  )
  .refine(
    ({ cron, duration: ms, until }) => (cron === undefined) === (ms === undefined) && !!(cron ?? until),
    WHEN,
  )
  .refine(({ from, until }) => !from || !until || from < until, 'from before until');

/** When alerts are expected, and nobody is to be told. */
export const maintenanceSection = z
  .array(window, 'a list of times of maintenance')
  .refine(
    (windows) => new Set(windows.map((each) => each.name)).size === windows.length,
    'a name for each of its own',
  );

/** In the engine's words. */
export function maintenanceConfig(parsed: z.output<typeof maintenanceSection>): MaintenanceConfig[] {
  return parsed.map(
    ({ name: called, match: { labels, ...patterns }, cron, duration: durationMs, ...times }) => ({
      name: called,
      matcher: { ...defined(patterns), ...(Object.keys(labels).length > 0 && { labels }) },
      from: times.from ?? null,
      until: times.until ?? null,
      recurrence:
        cron === undefined || durationMs === undefined
          ? null
          : { cron, timeZone: times.timeZone ?? null, durationMs },
    }),
  );
}

function defined<Values extends Record<string, string | undefined>>(values: Values): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

function comes(pattern: string): boolean {
  try {
    return new Cron(pattern, { paused: true }).nextRun() !== null;
  } catch {
    return false;
  }
}

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
