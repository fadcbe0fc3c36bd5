import type { ThrottleConfig } from '../../config.ts';
import type { Flavour } from '../../model/server.ts';
import { type LagBounds, reaches } from '../../position/lag-bounds.ts';
import { type FlowControl, readMembership } from '../../position/membership.ts';
import type { SqlServer } from '../../server/sql-server.ts';
import { HeldReads } from './held-reads.ts';
import type { RunControl } from './run-control.ts';

export interface ThrottleOptions {
  config: ThrottleConfig;
  servers: SqlServer[];
  /** The pair's present lag beyond any intended delay; null when unknown. */
  lag: () => LagBounds | null;
  /** Why the target makes no progress; null when it does, or nobody knows. */
  stopped: () => string | null;
  /** What a server is about that a guest waits for, by what is known of it otherwise; null for nothing. */
  busy: () => string | null;
  control: RunControl;
}

const askEveryMs = 1000;
/** Lockstep's own statements are some ten a second; a server with no more than this has nothing much to do. */
const busyStatementsPerSecond = 100;
/** Beside others, a worker rests for so many times as long as it worked. */
const restPerWork = 1.5;

/**
 * Holds a run while the servers have better things to do, and says why. Ends when the run's signal aborts or `stop`
 * is called.
 */
export class Throttle {
  readonly #options: ThrottleOptions;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #looks: (ServerLook | null)[] = [];
  readonly #reads: HeldReads[];

  constructor(options: ThrottleOptions) {
    this.#options = options;
    this.#reads = options.servers.map((server) => new HeldReads(server, options.control.signal));
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
    const looks = await Promise.all(this.#options.servers.map(lookAtServer));
    // Of a run that is over, its pair may be gone as well.
    if (this.#stopped || control.signal.aborted) return;
    const why =
      this.#reason(looks.map((look) => look?.threadsRunning ?? null)) ??
      busyMember(looks) ??
      this.#options.busy() ??
      this.#reads.reduce<string | null>((why, read) => read.look() ?? why, null) ??
      this.#heldBack(looks);
    control.pace = this.#othersAtWork(looks) ? restPerWork : 0;
    if (why) control.hold('throttle', why);
    else control.letGo('throttle');
    this.#timer = setTimeout(() => void this.#look(), askEveryMs);
  }

  #reason(running: (number | null)[]): string | null {
    const { config, servers, stopped } = this.#options;
    const lag = this.#options.lag();
    if (config.maxLagMs !== null && lag !== null && reaches(lag, config.maxLagMs) === 'yes') {
      const why = stopped();
      return `lag ${seconds(lag.atLeastMs)} ≥ ${seconds(config.maxLagMs)}${why === null ? '' : `: ${why}`}`;
    }
    const limit = config.maxThreadsRunning;
    if (limit === null) return null;
    const busy = running.findIndex((threads) => threads !== null && threads >= limit);
    if (busy < 0) return null;
    return `Threads_running ${running[busy]} ≥ ${limit} on ${servers[busy]?.name}`;
  }

  /** Between two looks flow control may have come and gone many times. */
  #heldBack(looks: (ServerLook | null)[]): string | null {
    const { maxFlowControl } = this.#options.config;
    if (maxFlowControl === null) return null;
    for (const [i, look] of looks.entries()) {
      const last = this.#looks[i];
      const name = this.#options.servers[i]?.name;
      if (!look?.flow) continue;
      if (!last?.flow) {
        // The first look has nothing to be held against.
        if (look.flow.active) return `${name}: flow control holds its cluster back`;
        continue;
      }
      const share = Number(look.flow.pausedNs - last.flow.pausedNs) / 1e6 / Math.max(1, look.at - last.at);
      if (share >= maxFlowControl) {
        return `${name}: flow control held its cluster back for ${percent(Math.min(1, share))} of the last second, ≥ ${percent(maxFlowControl)}`;
      }
    }
    return null;
  }

  /**
   * A guest works at full speed in an empty house only. Threads_running does not tell: it counts replication's own
   * threads.
   */
  #othersAtWork(looks: (ServerLook | null)[]): boolean {
    const before = this.#looks;
    this.#looks = looks;
    return looks.some((look, i) => {
      const last = before[i];
      if (look?.statements == null || last?.statements == null) return false;
      return (
        ((look.statements - last.statements) / Math.max(1, look.at - last.at)) * 1000 >
        busyStatementsPerSecond
      );
    });
  }
}

interface ServerLook {
  /** Null where it was refused, as a member does that is not ready. */
  threadsRunning: number | null;
  /** What a member of a cluster is about that a guest waits for; null for nothing. */
  busy: string | null;
  /** Null where it is not told. */
  flow: FlowControl | null;
  /** Since the server's start; null where it was refused. */
  statements: number | null;
  at: number;
}

/** By SELECT, which says who answers it; a SHOW of the same costs a server more, and would have to be counted. */
function statusStatement(flavour: Flavour | undefined): string {
  const table = flavour === 'mysql' ? 'performance_schema.global_status' : 'information_schema.GLOBAL_STATUS';
  return `SELECT VARIABLE_NAME AS name, VARIABLE_VALUE AS value FROM ${table}
    WHERE VARIABLE_NAME IN ('Threads_running', 'Questions')`;
}

/** Null when it cannot be asked: then the run's own statements will tell. */
async function lookAtServer(server: SqlServer): Promise<ServerLook | null> {
  const refused = () => null;
  const [rows, member] = await Promise.all([
    server.query(statusStatement(server.facts?.flavour), undefined, { timeoutMs: 2000 }).catch(refused),
    readMembership(server, { timeoutMs: 2000 }).catch(refused),
  ]);
  if (!rows && !member) return null;
  const values = rows && new Map(rows.map(({ name, value }) => [String(name).toLowerCase(), Number(value)]));
  return {
    flow: member?.flowControl ?? null,
    busy: member?.busy ? `${server.name}: ${member.busy}` : null,
    threadsRunning: values && (values.get('threads_running') ?? 0),
    statements: values && (values.get('questions') ?? 0),
    at: performance.now(),
  };
}

function busyMember(looks: (ServerLook | null)[]): string | null {
  return looks.map((look) => look?.busy ?? null).find((why) => why !== null) ?? null;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}
