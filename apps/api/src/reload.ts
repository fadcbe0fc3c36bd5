import { EngineRequestError, type Logger, type MonitoringEngine, type Reconfigured } from '@lockstep/checks';
import type { HttpConfig, LoadedConfig } from './config/loaded.ts';
import { whatHolds } from './config/needs-restart.ts';
import type { EffectiveConfig } from './graphql/config.ts';
import type { Destinations } from './notify/make-destination.ts';
import type { Notifier } from './notify/notifier.ts';
import type { PairLabels } from './notify/pair-labels.ts';
import type { PubSub } from './pubsub/pubsub.ts';

/** The configuration as it is written now, or all that is wrong with it in the words of a start. */
export type Load = () => Promise<{ ok: true; config: LoadedConfig } | { ok: false; message: string }>;

export interface ReloadOptions {
  running: LoadedConfig;
  load: Load;
  engine: Pick<MonitoringEngine, 'reconfigure'>;
  notifier: Pick<Notifier, 'reconfigure'>;
  destinations: Destinations;
  labels: PairLabels;
  pubsub: PubSub;
  log: Logger;
}

/**
 * The configuration that holds, and how another takes its place while the program runs: whole, or not at all where
 * anything is wrong with it.
 */
export class Reload implements EffectiveConfig {
  readonly #options: Omit<ReloadOptions, 'running'>;
  #running: LoadedConfig;
  /** The last that was asked for: each waits for the one before. */
  #last: Promise<unknown> = Promise.resolve();
  /** Takes up who may sign in; set by who admits people. */
  admit: (http: Pick<HttpConfig, 'auth' | 'publicUrl'>) => void = () => {};

  constructor({ running, ...options }: ReloadOptions) {
    this.#running = running;
    this.#options = options;
  }

  get file(): string {
    return this.#running.file;
  }

  get values(): EffectiveConfig['values'] {
    return this.#running.values;
  }

  get notifications(): EffectiveConfig['notifications'] {
    return this.#running.notifications;
  }

  /** Reads the file again and takes up what it says. Rejects with EngineRequestError; then nothing has changed. */
  reload(by: string): Promise<Reconfigured> {
    const next = this.#last.then(() => this.#reload(by));
    this.#last = next.catch(() => {});
    return next;
  }

  async #reload(by: string): Promise<Reconfigured> {
    const { load, engine, notifier, destinations, labels, pubsub, log } = this.#options;
    const loaded = await load();
    if (!loaded.ok) {
      log.error({ by, file: this.file }, `configuration refused, nothing is changed: ${loaded.message}`);
      throw new EngineRequestError('INVALID', loaded.message);
    }
    const { config, needsRestart } = whatHolds(this.#running, loaded.config);
    const { pairs, servers } = await engine.reconfigure(config.engine, by);
    // In the same turn: no alert of it is told without them.
    labels.reconfigure(config.engine);
    await notifier.reconfigure(destinations.of(config.notifications), config.http.publicUrl ?? null);
    this.admit(config.http);
    this.#running = config;
    const data: Reconfigured = { at: new Date(), by, pairs, servers, needsRestart };
    log.info({ by, pairs, servers }, 'configuration taken up');
    if (needsRestart.length > 0) {
      log.warn({ needsRestart }, `as before until Lockstep is started again: ${needsRestart.join(', ')}`);
    }
    pubsub.publish({ type: 'configuration', pair: null, data });
    return data;
  }
}
