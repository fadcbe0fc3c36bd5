import { z } from 'zod';
import { alertsSection } from './alerts.ts';
import { connectionSection } from './connection.ts';
import { httpSection } from './http.ts';
import { lagSection } from './lag.ts';
import { MAP, NAME, name, nameExpected, text } from './leaves.ts';
import { logSection } from './log.ts';
import { maintenanceSection } from './maintenance.ts';
import { notificationsSection } from './notifications.ts';
import { pairSettings } from './pair-settings.ts';
import { inlineServer, serverSection } from './servers.ts';
import { storageSection } from './storage.ts';
import { tracingSection } from './tracing.ts';

const reference = z.union(
  [text('the name of a server'), inlineServer],
  'the name of a server under servers, or a map with host, user and password',
);

const pair = z.strictObject(
  {
    name: name().optional(),
    source: reference,
    target: reference,
    channel: z.string('the name of a replication channel; "" is the default channel').optional(),
    ...pairSettings,
  },
  'a pair: source, target and what is special about it',
);

/** The whole configuration file. */
export const configSchema = z.strictObject(
  {
    servers: z
      .record(z.string().regex(NAME, nameExpected), serverSection, 'a map of server names')
      .prefault({}),
    pairs: z.array(pair, 'a list of pairs').min(1, 'at least one pair'),
    defaults: z.strictObject(pairSettings, MAP).prefault({}),
    http: httpSection.prefault({}),
    log: logSection.prefault({}),
    storage: storageSection.prefault({}),
    lag: lagSection.prefault({}),
    connection: connectionSection.prefault({}),
    alerts: alertsSection.prefault({}),
    notifications: notificationsSection.prefault([]),
    maintenance: maintenanceSection.prefault([]),
    tracing: tracingSection.optional(),
  },
  'a map with servers and pairs',
);

export type ParsedConfig = z.output<typeof configSchema>;
