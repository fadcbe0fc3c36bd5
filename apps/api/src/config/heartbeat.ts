import { parseTableName } from '@lockstep/checks';
import { z } from 'zod';
import { duration, flag, integer, MAP, orOff, text } from './leaves.ts';

export const TABLE = 'a table schema.table, such as percona.heartbeat';

const table = text(TABLE).refine((name) => {
  try {
    parseTableName(name);
    return true;
  } catch {
    return false;
  }
}, TABLE);

/** A heartbeat that is written to the source by the user, for comparison. Whether there is a table, a rule asks. */
export const heartbeatSection = orOff(
  z.strictObject(
    {
      table: table.optional(),
      utc: flag().prefault(false),
      serverId: integer(0, 4_294_967_295).optional(),
      interval: duration('100ms', '1m').prefault('1s'),
    },
    MAP,
  ),
  'a map with the table that pt-heartbeat writes',
).prefault('off');
