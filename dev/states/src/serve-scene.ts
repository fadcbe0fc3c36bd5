import { openStorage, silent } from '@lockstep/checks';
import { Audit } from 'lockstep/src/audit.ts';
import { startHttp } from 'lockstep/src/http/server.ts';
import { localPubSub } from 'lockstep/src/pubsub/pubsub.ts';
import { brokenLink } from './link.ts';
import type { Scene } from './scene.ts';
import { SceneEngine } from './scene-engine.ts';
import { SceneNotifications } from './scene-notifications.ts';
import { settings } from './settings.ts';

const beatMs = 1_000;

/** Serves the built page over a scene, with the whole real service but its engine. Resolves with its address. */
export async function serveScene(scene: Scene, port: number, cleanup: AsyncDisposableStack): Promise<string> {
  const pubsub = localPubSub(silent);
  const engine = new SceneEngine(pubsub.publish);
  const notifications = new SceneNotifications();
  scene.fill(engine, notifications);
  const dayMs = 86_400_000;
  const kept = { file: ':memory:', rawLagMs: dayMs, minuteLagMs: dayMs, historyMs: 365 * dayMs };
  const store = openStorage(kept, { log: silent });
  cleanup.defer(() => store.close());
  for (const entry of scene.audit?.() ?? []) store.recordAudit(entry);
  const audit = new Audit({ store, log: silent });
  const service = await startHttp(
    {
      host: '127.0.0.1',
      port: scene.link ? 0 : port,
      auth: scene.auth ?? { kind: 'none', explicit: false },
      // Where a provider would send people back to.
      publicUrl: `http://127.0.0.1:${port}`,
      allowedOrigins: [],
      trustedProxies: [],
      basePath: '',
      maxConnections: 1_000,
      maxConnectionsPerClient: 64,
      graphiql: true,
    },
    { engine, pubsub, notifications, settings, audit, version: '0.0.0-states', log: silent },
  );
  cleanup.defer(() => service.stop());
  const beating = setInterval(() => engine.beat(), beatMs);
  cleanup.defer(() => clearInterval(beating));
  if (!scene.link) return `${service.address}/`;

  const link = await brokenLink(port, Number(new URL(service.address).port), scene.link);
  cleanup.defer(() => link.close());
  return `http://127.0.0.1:${port}/`;
}
