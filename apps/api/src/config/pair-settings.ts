import { Cron } from 'croner';
import { z } from 'zod';
import { checkWindow, timeZone } from './check-window.ts';
import { errantSection } from './errant.ts';
import { heartbeatSection } from './heartbeat.ts';
import { labelsSection } from './labels.ts';
import { duration, flag, integer, MAP, orOff, percentage, text } from './leaves.ts';
import { tablesSection } from './tables.ts';

const CRON = 'a cron pattern, such as "0 3 * * *" (03:00 every day)';

const cron = text(CRON).refine((pattern) => {
  try {
    // Croner takes a point in time as well; a schedule that runs once is not what anybody means here.
    return pattern.trim().split(/\s+/).length >= 5 && new Cron(pattern, { paused: true }).nextRun() !== null;
  } catch {
    return false;
  }
}, CRON);

// Longer than this would overflow the timers of the platform; that is what cron patterns are for.
const schedule = {
  enabled: flag().prefault(true),
  every: duration('1s', '23d').optional(),
  cron: cron.optional(),
  window: orOff(checkWindow, 'two times of the day, such as "02:00–05:00"').prefault('off'),
};

/** When neither `every` nor `cron` is given. */
export const defaultEvery = { checksum: '1h', consistency: '15m' };

const checksum = z.strictObject(
  { ...schedule, method: z.enum(['rows', 'native'], 'rows or native').prefault('rows') },
  MAP,
);
const consistency = z.strictObject(schedule, MAP);

const CHECK = 'a map of settings, or false to switch the check off';
const checks = {
  timeZone: timeZone.optional(),
  checksum: z
    .union([flag().transform((enabled) => checksum.parse({ enabled })), checksum], CHECK)
    .prefault({}),
  consistency: z
    .union([flag().transform((enabled) => consistency.parse({ enabled })), consistency], CHECK)
    .prefault({}),
};

/** What `defaults` sets for every pair, and a pair for itself. */
export const pairSettings = {
  labels: labelsSection,
  lag: z
    .strictObject(
      {
        warning: duration('100ms', '30d').prefault('10s'),
        critical: duration('100ms', '30d').prefault('60s'),
        for: duration('0s', '1h').prefault('10s'),
      },
      MAP,
    )
    .prefault({}),
  heartbeat: heartbeatSection,
  errant: errantSection,
  tables: tablesSection,
  checks: z.strictObject(checks, MAP).prefault({}),
  throttle: z
    .strictObject(
      {
        maxLag: orOff(duration('100ms', '24h'), 'a duration such as 10s').prefault('10s'),
        maxThreadsRunning: orOff(integer(1, 100_000), 'a whole number').prefault(50),
        maxFlowControl: orOff(percentage(0.1, 100), 'a percentage such as 5%').prefault('5%'),
      },
      MAP,
    )
    .prefault({}),
  verify: z
    .strictObject(
      {
        chunkTime: duration('10ms', '10s').prefault('500ms'),
        maxChunkRows: integer(1, 10_000_000).prefault(100_000),
        parallel: integer(1, 16).prefault(2),
        wait: duration('100ms', '1h').prefault('60s'),
        maxRounds: integer(3, 1000).prefault(12),
        maxRowsListed: integer(1, 100_000).prefault(1000),
        maxRowsWithoutKey: integer(0, 100_000_000).prefault(100_000),
        settle: duration('100ms', '1h').prefault('5s'),
        fullPass: orOff(duration('1m', '365d'), 'a duration such as 24h').prefault('off'),
      },
      MAP,
    )
    .prefault({}),
};
