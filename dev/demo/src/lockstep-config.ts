import type { ServerHandle } from '@lockstep/servers';
import { heartbeatTable } from './shop/heartbeat.ts';

export interface Demo {
  source: ServerHandle;
  /** By name; every one of them is a target of a pair of its own. */
  replicas: Record<string, ServerHandle>;
  http: { port: number };
  /** Path of the database file. */
  storage: string;
}

/** The configuration that Lockstep runs with: what a user would write, only with everything happening sooner. */
export function lockstepConfig({ source, replicas, http, storage }: Demo): string {
  const servers = Object.entries({ shop: source, ...replicas });
  return `servers:
${servers.map(([name, server]) => serverText(name, server)).join('')}
pairs:
${Object.keys(replicas)
  .map((name) => `  - { name: ${name}, source: shop, target: ${name} }\n`)
  .join('')}
defaults:
  tables: [shop.*]
  heartbeat: { table: ${heartbeatTable}, utc: true }
  lag: { warning: 5s, critical: 15s, for: 2s }
  checks:
    checksum: { every: 20s }
    consistency: { every: 60s }

lag: { sampleInterval: 250ms }
log: { format: pretty }
alerts: { for: 3s, keepFiringFor: 10s }
storage: { file: ${JSON.stringify(storage)} }
http: { host: 127.0.0.1, port: ${http.port}, auth: none }
`;
}

function serverText(name: string, { host, port, monitor }: ServerHandle): string {
  return `  ${name}:
    host: ${host}
    port: ${port}
    user: ${monitor.user}
    password: ${JSON.stringify(monitor.password)}
`;
}
