import type { DestinationConfig } from '../config/loaded.ts';
import type { ConfigValue, ValueOrigin } from '../config/values.ts';
import { SeverityType } from './alert.ts';
import { builder } from './builder.ts';
import { describedEnum } from './described-enum.ts';
import type { PricedBy } from './price.ts';

/** What the service runs with, for people to read: secrets are replaced when it gets here. */
export interface EffectiveConfig {
  file: string | null;
  values: ShownValue[];
  notifications: ShownDestination[];
}

type ShownDestination = Pick<DestinationConfig, 'name' | 'type' | 'minSeverity'>;

type ShownValue = Pick<ConfigValue, 'path' | 'value' | 'origin' | 'originName'>;

const ConfigOriginType = describedEnum<ValueOrigin>('ConfigOrigin', 'Where a setting comes from.', {
  file: 'The configuration file.',
  env: 'An environment variable.',
  default: 'It was not set.',
});

const ConfigValueType = builder.objectRef<ShownValue>('ConfigValue').implement({
  description: 'One effective setting. Secrets read ••••.',
  fields: (t) => ({
    path: t.exposeString('path', { description: 'Its place in the configuration.' }),
    value: t.exposeString('value', { description: 'Its value as text; secrets read ••••.' }),
    origin: t.expose('origin', { type: ConfigOriginType, description: 'Where it comes from.' }),
    originName: t.exposeString('originName', {
      nullable: true,
      description: 'The name of the file or the environment variable; null for defaults.',
    }),
  }),
});

export const DestinationType = builder.objectRef<ShownDestination>('Destination').implement({
  description: 'Somewhere that alerts are told to.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name under `notifications` in the configuration.' }),
    type: t.exposeString('type', { description: 'Its kind, e.g. `webhook`.' }),
    minSeverity: t.expose('minSeverity', { type: SeverityType, description: 'Milder alerts are not told.' }),
  }),
});

const EffectiveConfigType = builder.objectRef<EffectiveConfig>('EffectiveConfig').implement({
  description: 'The configuration that the service runs with, and where each setting comes from.',
  fields: (t) => ({
    file: t.exposeString('file', { nullable: true, description: 'The file that was read; null for none.' }),
    values: t.field({
      type: [ConfigValueType],
      description: 'Every setting, defaults included.',
      extensions: { length: ({ config }: PricedBy) => config.values.length },
      resolve: ({ values }) => values,
    }),
    destinations: t.field({
      type: [DestinationType],
      description: 'Whom alerts are told to, in the order of the configuration.',
      extensions: { length: ({ config }: PricedBy) => config.notifications.length },
      resolve: ({ notifications }) => notifications,
    }),
  }),
});

builder.queryField('config', (t) =>
  t.field({
    type: EffectiveConfigType,
    description: 'The configuration in effect, without its secrets.',
    resolve: (_root, _args, { config }) => config,
  }),
);
