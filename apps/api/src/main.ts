import { type Logger, Mishaps, MonitoringEngine, openStorageOrGoOn } from '@lockstep/checks';
import manifest from '../package.json' with { type: 'json' };
import type { LoadedConfig } from './config/loaded.ts';
import { whyUnwell } from './health.ts';
import { startHttp } from './http/server.ts';
import { makeDestination } from './notify/make-destination.ts';
import { Notifier } from './notify/notifier.ts';
import { pairLabels } from './notify/pair-labels.ts';
import { localPubSub } from './pubsub/pubsub.ts';
import { tellRejections } from './rejections.ts';
import { within } from './within.ts';

export interface Program {
  /** Where it listens, e.g. `http://127.0.0.1:8080`, the base path included. */
  address: string;
  /** Ends everything in order; resolves within five seconds, whatever hangs. A second call waits for the first. */
  stop: () => Promise<void>;
}

/**
 * The whole program, in start order. Rejects with a sentence to show when the store is another's or the port cannot
 * be had; then nothing is left running.
 */
export async function main(config: LoadedConfig, log: Logger): Promise<Program> {
  // What was started ends in reverse order: at the stop, or here when something after it fails to start.
  await using started = new AsyncDisposableStack();

  const storage = openStorageOrGoOn(config.engine.storage, { log });
  started.defer(() => storage.close());

  const mishaps = new Mishaps({ log });
  started.use(tellRejections(mishaps));
  const pubsub = localPubSub(log, mishaps);
  const labelsOf = pairLabels(config.engine);
  const notifier = new Notifier({
    destinations: config.notifications.map((one) => makeDestination(one, labelsOf)),
    storage,
    pubsub,
    log,
    mishaps,
    publicUrl: config.http.publicUrl ?? null,
    labelsOf,
    trouble: () => whyUnwell(engine),
  });
  started.defer(() => within(500, notifier.stop(), () => log.warn({}, 'notifications did not stop in time')));
  const engine = new MonitoringEngine({
    config: config.engine,
    storage,
    publish: pubsub.publish,
    log,
    mishaps,
  });
  started.defer(() => within(2_300, engine.stop(), () => log.warn({}, 'the engine did not stop in time')));

  const http = await startHttp(config.http, {
    engine,
    pubsub,
    notifications: notifier,
    settings: config,
    version: manifest.version,
    log,
  });
  started.defer(() => within(1_800, http.stop(), () => log.warn({}, 'connections did not close in time')));

  notifier.start();
  // Last, so that a program that cannot have its port has not touched anybody's servers.
  engine.start();
  log.info({ address: http.address, auth: config.http.auth.kind }, `listening on ${http.address}`);

  const everything = started.move();
  let stopped: Promise<void> | undefined;
  return { address: http.address, stop: () => (stopped ??= everything.disposeAsync()) };
}
