import type { Finding } from '../explain.ts';
import { destinations } from './destinations.ts';
import { heartbeatTable } from './heartbeat-table.ts';
import { distinctInlineServers } from './inline-servers.ts';
import { oidc } from './oidc.ts';
import { openHost } from './open-host.ts';
import { distinctPairs } from './pair-names.ts';
import { people } from './people.ts';
import { retryDelays } from './retry-delays.ts';
import { oneSchedule } from './schedules.ts';
import { serverPlaces } from './server-places.ts';
import { serverSecrets } from './server-secrets.ts';
import { sides } from './sides.ts';
import { thresholds } from './thresholds.ts';
import { tls } from './tls.ts';
import { tokens } from './tokens.ts';

/** What no single setting can know: whether names refer to something, parts go together, files can be read. */
export interface Rule {
  /**
   * Works on values as they were written, whatever their type, so that one wrong type elsewhere hides nothing here.
   * Paths of files are relative to `folder`.
   */
  (raw: unknown, folder: string): Finding[];
}

export const rules: readonly Rule[] = [
  distinctPairs,
  sides,
  distinctInlineServers,
  serverPlaces,
  serverSecrets,
  tls,
  tokens,
  people,
  oidc,
  oneSchedule,
  thresholds,
  heartbeatTable,
  retryDelays,
  openHost,
  destinations,
];
