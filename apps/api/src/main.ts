import {
  EngineRequestError,
  type Logger,
  Mishaps,
  MonitoringEngine,
  openStorageInThread,
} from '@lockstep/checks';
import manifest from '../package.json' with { type: 'json' };
import { type Act, Audit, outcomeOf, type Who } from './audit.ts';
import type { LoadedConfig } from './config/loaded.ts';
import { whyUnwell } from './health.ts';
import { startHttp } from './http/server.ts';
import { Destinations } from './notify/make-destination.ts';
import { Notifier } from './notify/notifier.ts';
import { PairLabels } from './notify/pair-labels.ts';
import { localPubSub } from './pubsub/pubsub.ts';
import { tellRejections } from './rejections.ts';
import { type Load, Reload } from './reload.ts';
import type { Traces } from './tracing/traces.ts';
import { within } from './within.ts';

export interface Program {
  /** Where it listens, e.g. `http://127.0.0.1:8080`, the base path included. */
  address: string;
  /** Takes up the configuration as it is written now; what came of it, or is wrong with it, is in the log. */
  reload: (by: string) => Promise<void>;
  /** Ends everything in order; resolves within five seconds, whatever hangs. A second call waits for the first. */
  stop: () => Promise<void>;
}

/**
 * The whole program, in start order. Rejects with a sentence to show when the store is another's or the port cannot
 * be had; then nothing is left running. `load` reads the configuration again; without it this one holds for good.
 */
export async function main(config: LoadedConfig, log: Logger, load?: Load): Promise<Program> {
  // What was started ends in reverse order: at the stop, or here when something after it fails to start.
  await using started = new AsyncDisposableStack();
  /** What fails when it is to end costs itself, and neither the end of the others nor an end in order. */
  const atTheEnd = (ms: number, stop: () => Promise<void>, late: string) =>
    started.defer(() =>
      within(ms, stop(), () => log.warn({}, late)).catch((error: unknown) =>
        log.error({ err: error }, 'something did not stop in order'),
      ),
    );

  const storage = await openStorageInThread(config.engine.storage, { log });
  started.defer(() => storage.close());

  const mishaps = new Mishaps({ log });
  started.use(tellRejections(mishaps));
  const pubsub = localPubSub(log, mishaps);
  const audit = new Audit({ store: storage, log });
  const traces = await tracesOf(config, log);
  if (traces) {
    pubsub.subscribe('run', ({ data }) => data.finishedAt !== null && traces.ran(data));
    atTheEnd(500, traces.stop, 'traces were not sent in time');
  }
  const labels = new PairLabels(config.engine);
  const destinations = new Destinations(labels.of);
  const notifier = new Notifier({
    destinations: destinations.of(config.notifications),
    storage,
    pubsub,
    log,
    mishaps,
    publicUrl: config.http.publicUrl ?? null,
    labelsOf: labels.of,
    trouble: () => whyUnwell(engine),
    attempted: traces?.attempted,
  });
  atTheEnd(500, () => notifier.stop(), 'notifications did not stop in time');
  const engine = new MonitoringEngine({
    config: config.engine,
    storage,
    publish: pubsub.publish,
    log,
    mishaps,
  });
  atTheEnd(2_300, () => engine.stop(), 'the engine did not stop in time');

  const reload =
    load && new Reload({ running: config, load, engine, notifier, destinations, labels, pubsub, log });
  const http = await startHttp(config.http, {
    engine,
    pubsub,
    notifications: notifier,
    settings: reload ?? config,
    reload: reload && ((by) => reload.reload(by)),
    sessions: storage,
    audit,
    version: manifest.version,
    log,
    traces,
  });
  atTheEnd(1_800, () => http.stop(), 'connections did not close in time');

  if (reload) reload.admit = http.admit;
  void notifier.start();
  // Last, so that a program that cannot have its port has not touched anybody's servers.
  engine.start();
  log.info({ address: http.address, auth: config.http.auth.kind }, `listening on ${http.address}`);

  const everything = started.move();
  let stopped: Promise<void> | undefined;
  return {
    address: http.address,
    reload: async (by) => {
      if (!reload) return;
      const deed: Who & Act = {
        who: by,
        role: null,
        way: 'program',
        address: null,
        action: 'reloadConfiguration',
        subject: '',
      };
      try {
        await reload.reload(by);
        audit.record({ ...deed, outcome: 'done', message: null });
      } catch (error) {
        // What was refused is in the log.
        if (!(error instanceof EngineRequestError)) mishaps.happened('taking up a configuration', error);
        audit.record({ ...deed, ...outcomeOf(error) });
      }
    },
    stop: () => (stopped ??= everything.disposeAsync()),
  };
}

/** Loaded here alone: who traces nothing has nothing of it. */
async function tracesOf({ tracing }: LoadedConfig, log: Logger): Promise<Traces | undefined> {
  if (!tracing) return undefined;
  const { openTraces } = await import('./tracing/otlp.ts');
  return openTraces(tracing, manifest.version, log);
}
