import type { ValueOrigin } from 'lockstep/src/config/values.ts';
import type { EffectiveConfig } from 'lockstep/src/graphql/config.ts';
import { entries } from './entries.ts';

const origins: Record<ValueOrigin, Omit<EffectiveConfig['values'][number], 'origin'>[]> = {
  file: [
    { path: 'servers.primary.host', value: 'primary.db.example.com', originName: 'lockstep.yaml:3' },
    { path: 'notifications.team.type', value: 'slack', originName: 'lockstep.yaml:21' },
    { path: 'notifications.archive.type', value: 'webhook', originName: 'lockstep.yaml:22' },
    { path: 'servers.primary.user', value: 'lockstep', originName: 'lockstep.yaml:4' },
  ],
  env: [
    { path: 'servers.primary.password', value: '••••', originName: 'LOCKSTEP_SERVERS__PRIMARY__PASSWORD' },
  ],
  default: [
    { path: 'servers.primary.port', value: '3306', originName: null },
    { path: 'lag.sampleInterval', value: '1s', originName: null },
  ],
};

/** Of every origin something. */
export const settings: EffectiveConfig = {
  file: '/etc/lockstep/lockstep.yaml',
  notifications: [
    { name: 'on call', type: 'slack', minSeverity: 'CRITICAL' },
    { name: 'everything', type: 'webhook', minSeverity: 'INFO' },
  ],
  values: entries(origins).flatMap(([origin, values]) => values.map((value) => ({ ...value, origin }))),
};
