import type { ThrottleConfig } from '../config.ts';
import type { SqlServer } from '../server/sql-server.ts';
import type { RunControl } from './run-control.ts';

export interface ThrottleOptions {
  config: ThrottleConfig;
  servers: SqlServer[];
  /** The pair's present lag beyond any intended delay, in ms; null when unknown. */
  lagMs: () => number | null;
  control: RunControl;
}

const askEveryMs = 1000;

/** Holds a run while the servers have better things to do, and says why. Ends when the run's signal aborts or `stop` is called. */
export class Throttle {
  readonly #options: ThrottleOptions;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: ThrottleOptions) {
    this.#options = options;
  }

  /** Resolves after the first look, so that a run on a busy server does not even begin. */
  async start(): Promise<void> {
    await this.#look();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#options.control.letGo('throttle');
  }

  async #look(): Promise<void> {
    const { control } = this.#options;
    const why = await this.#reason();
    if (this.#stopped || control.signal.aborted) return;
    if (why) control.hold('throttle', why);
    else control.letGo('throttle');
    this.#timer = setTimeout(() => void this.#look(), askEveryMs);
  }

  async #reason(): Promise<string | null> {
    const { config, servers, lagMs } = this.#options;
    const lag = lagMs();
    if (config.maxLagMs !== null && lag !== null && lag >= config.maxLagMs) {
      return `lag ${seconds(lag)} ≥ ${seconds(config.maxLagMs)}`;
    }
    if (config.maxThreadsRunning === null) return null;
    for (const server of servers) {
      const running = await threadsRunning(server);
      if (running !== null && running >= config.maxThreadsRunning) {
        return `Threads_running ${running} ≥ ${config.maxThreadsRunning} on ${server.name}`;
      }
    }
    return null;
  }
}

/** Null when it cannot be asked: then the run's own statements will tell. */
async function threadsRunning(server: SqlServer): Promise<number | null> {
  try {
    const [row] = await server.query(`SHOW GLOBAL STATUS LIKE 'Threads_running'`, undefined, {
      timeoutMs: 2000,
    });
    return row ? Number(row.Value) : null;
  } catch {
    return null;
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}
