import { z } from 'zod';
import { MAP, text } from './leaves.ts';

const ORIGIN = 'the server_uuid (MySQL) or the server_id (MariaDB) of a server, as text';

const origin = text(ORIGIN).regex(/^(\d+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i, ORIGIN);

/** Who may write on the target beside what it replicates. */
export const errantSection = z
  .strictObject({ ignore: z.array(origin, 'a list of UUIDs or server ids').prefault([]) }, MAP)
  .prefault({});
