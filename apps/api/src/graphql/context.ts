import type { AuditWay, Engine, Reconfigured, ServerState } from '@lockstep/checks';
import type { Audit } from '../audit.ts';
import type { Notifications } from '../notify/notifications.ts';
import type { PubSub } from '../pubsub/pubsub.ts';
import type { EffectiveConfig } from './config.ts';
import type { Viewer } from './viewer.ts';

/** What every resolver may use. */
export interface ApiContext {
  engine: Engine;
  pubsub: PubSub;
  notifications: Notifications;
  config: EffectiveConfig;
  /** Takes up the configuration as it is written now; absent where there is no file. */
  reload?: ((by: string) => Promise<Reconfigured>) | undefined;
  version: string;
  audit: Audit;
  viewer: Viewer;
  /** How the viewer showed who they are, and from which address they ask. */
  from: { way: AuditWay; address: string | null };
  /** Counts what one query costs while it is answered; without it nothing is counted. */
  work?: { rest: () => Promise<void>; aside: <Value>(wait: Promise<Value>) => Promise<Value> };
}

/** A server that a pair names. Throws when the engine does not know it, which cannot be. */
export function serverNamed({ engine }: ApiContext, name: string | undefined): ServerState {
  const server = name === undefined ? null : engine.server(name);
  if (!server) throw new Error(`a pair names the server ${name}, which the engine does not know`);
  return server;
}
