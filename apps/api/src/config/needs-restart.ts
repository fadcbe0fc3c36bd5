import { isDeepStrictEqual } from 'node:util';
import type { StorageConfig } from '@lockstep/checks';
import type { HttpConfig, LoadedConfig } from './loaded.ts';
import { showPath } from './path.ts';

/** Tokens are admitted and turned away at any time; whether anybody is asked for one is not. */
const ofHttp = [
  'host',
  'port',
  'basePath',
  'allowedOrigins',
  'trustedProxies',
  'maxConnections',
  'maxConnectionsPerClient',
  'graphiql',
] as const satisfies (keyof HttpConfig)[];

const ofStorage: Record<keyof StorageConfig, string> = {
  file: 'file',
  rawLagMs: 'lagSamples',
  minuteLagMs: 'lagMinutes',
  historyMs: 'history',
  auditMs: 'audit',
};

/**
 * What holds of a configuration that is taken up while the program runs: all but the settings that cannot change
 * meanwhile, whose places are answered beside it.
 */
export function whatHolds(
  running: LoadedConfig,
  now: LoadedConfig,
): { config: LoadedConfig; needsRestart: string[] } {
  const sameAuth = running.http.auth.kind === now.http.auth.kind;
  const others = [
    ...ofHttp
      .filter((key) => !isDeepStrictEqual(running.http[key], now.http[key]))
      .map((key) => ['http', key]),
    ...(sameAuth ? [] : [['http', 'auth']]),
    ...Object.entries(ofStorage)
      .filter(([key]) => of(running.engine.storage, key) !== of(now.engine.storage, key))
      .map(([, name]) => ['storage', name]),
    ...Object.keys(now.log)
      .filter((key) => of(running.log, key) !== of(now.log, key))
      .map((key) => ['log', key]),
    ...(isDeepStrictEqual(running.tracing, now.tracing) ? [] : [['tracing']]),
  ];
  const isOf = (place: readonly unknown[]) =>
    others.some(([section, key]) => place[0] === section && (key === undefined || place[1] === key));
  const { publicUrl: _, ...http } = running.http;
  const { tracing: __, ...rest } = now;
  const { publicUrl } = now.http;
  return {
    needsRestart: others.map(showPath),
    config: {
      ...rest,
      ...(running.tracing && { tracing: running.tracing }),
      http: {
        ...http,
        ...(publicUrl !== undefined && { publicUrl }),
        ...(sameAuth && { auth: now.http.auth }),
      },
      log: running.log,
      engine: { ...now.engine, storage: running.engine.storage },
      values: [
        ...now.values.filter(({ place }) => !isOf(place)),
        ...running.values.filter(({ place }) => isOf(place)),
      ],
    },
  };
}

function of(section: object, key: string): unknown {
  return Reflect.get(section, key);
}
