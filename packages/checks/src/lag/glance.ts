import type { EngineConfig, PairConfig } from '../config.ts';
import type { Logger } from '../log.ts';
import { ConnectionManager } from '../server/connection-manager.ts';
import { hurried, reachAll } from '../server/reach.ts';
import type { Server } from '../server/server.ts';
import { sleep } from '../time/sleep.ts';
import { isKnownEnough } from './known-enough.ts';
import { LagManager } from './lag-manager.ts';

export interface GlanceOptions {
  engine: EngineConfig;
  pairs: PairConfig[];
  log: Logger;
  signal: AbortSignal;
}

/** How long a lag may take to be known that is not known at the first look. */
const lagMs = 5_000;

/** A watch over pairs for as long as one command takes, by the same means as the service's. */
export class Glance implements AsyncDisposable {
  readonly servers: readonly Server[];
  readonly lag: LagManager;
  readonly #manager: ConnectionManager;
  readonly #options: GlanceOptions;

  constructor(options: GlanceOptions) {
    const { engine, pairs, log } = options;
    this.#options = options;
    const ignore = () => undefined;
    const { servers, connection, lag: config } = engine;
    this.#manager = new ConnectionManager({
      servers,
      connection: hurried(connection),
      log,
      onChange: ignore,
    });
    this.servers = servers.map(({ name }) => this.#manager.get(name));
    const told = { onLag: ignore, onReplication: ignore, onState: ignore };
    this.lag = new LagManager({ manager: this.#manager, pairs, config, ...told });
  }

  get(name: string): Server {
    return this.#manager.get(name);
  }

  connect(): void {
    this.#manager.start();
  }

  /** Resolves when the servers are reached or given up, and of each pair of reached ones the lag is known or late. */
  async start(): Promise<void> {
    const { engine, pairs, signal } = this.#options;
    this.connect();
    this.lag.start();
    await reachAll(this.servers, engine.connection, signal);
    const end = performance.now() + lagMs;
    const known = ({ name, source, target }: PairConfig) =>
      isKnownEnough({
        reached: this.get(source).connected && this.get(target).connected,
        routed: this.lag.route(name) !== null,
        sample: this.lag.sample(name),
        state: this.lag.state(name).state,
      });
    while (!pairs.every(known) && performance.now() < end) if (!(await sleep(20, signal))) return;
  }

  /** Resolves when it is known whether the target has transactions of its own, or will not be known soon. */
  async historiesCompared({ name }: PairConfig, signal: AbortSignal): Promise<void> {
    const end = performance.now() + 3 * this.#options.engine.lag.statusIntervalMs;
    while (this.lag.replication(name)?.errant == null && performance.now() < end) {
      if (!(await sleep(50, signal))) return;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.lag.stop();
    await this.#manager.stop();
  }
}
