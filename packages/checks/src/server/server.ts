import type { ConnectionConfig, ServerConfig } from '../config.ts';
import type { Logger } from '../log.ts';
import type { KnownServer, ServerState } from '../model/server.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { sleep } from '../time/sleep.ts';
import { answerBounds } from './answer-bounds.ts';
import { Answerer } from './answerer.ts';
import { ConnectionMonitor } from './connection-monitor.ts';
import type { Familiar } from './familiar.ts';
import { faultFrom, late, loginErrnos } from './faults.ts';
import { flavourOf, parseVersion } from './flavour.ts';
import { HealthCheck } from './health-check.ts';
import { Killer } from './killer.ts';
import { Lane } from './lane.ts';
import { LastHeard } from './last-heard.ts';
import { MissingPrivileges } from './missing-privileges.ts';
import { Noticed } from './noticed.ts';
import { ping } from './ping.ts';
import type { SessionLimits } from './prepared-session.ts';
import { Renewals } from './renewals.ts';
import { Room } from './room.ts';
import { SqlConnection } from './sql-connection.ts';
import {
  type AnswerOptions,
  type Lane as LaneName,
  LeftAlone,
  OtherAnswer,
  type QueryOptions,
  type ServerFacts,
  ServerFault,
  type SqlRow,
  type SqlServer,
  type SqlValue,
} from './sql-server.ts';

export interface ServerOptions {
  config: ServerConfig;
  connection: ConnectionConfig;
  log: Logger;
  onChange: (state: ServerState) => void;
  /** What an earlier process knew of it. */
  known?: KnownServer | undefined;
  clock?: Clock;
}

/** What is known of a server before it lets anybody in. */
export type Greeted = Pick<ServerFacts, 'flavour' | 'version' | 'versionText'>;

/** Statements may take this long unless they say otherwise, and wait this long for a lock on a table's definition. */
const limits: Record<LaneName, SessionLimits> = {
  sampler: { statementMs: 5_000, lockWaitSeconds: 1, answer: answerBounds.sampler },
  status: { statementMs: 5_000, lockWaitSeconds: 1, answer: answerBounds.status },
  checks: { statementMs: 60_000, lockWaitSeconds: 5, answer: answerBounds.checks },
};
const idleMs = 60_000;
/** How often an address is asked again, by a new connection in the place of one that is always in use. */
const renewMs = 60_000;
/** How long an address whose name balances is left alone between two connections. */
const leftAloneMs = 30_000;
const healthIntervalMs = 5_000;
const unstableMs = 300_000;

/** One server: its lanes of connections, whether it can be reached, and what it lacks. */
export class Server implements SqlServer {
  readonly name: string;
  readonly #options: ServerOptions;
  readonly #clock: Clock;
  readonly #keeper: ConnectionMonitor;
  readonly #lanes: Record<LaneName, Lane>;
  readonly #room: Room;
  readonly #answerer: Answerer;
  readonly #last: LastHeard;
  #familiar: Familiar | null = null;
  readonly #noticed: Noticed;
  #refusal: ServerFault | null = null;
  readonly #missing: MissingPrivileges;
  readonly #stopping = new AbortController();
  readonly #health: HealthCheck;
  readonly #killer: Killer;
  readonly #renewals: Renewals;

  constructor(options: ServerOptions) {
    const { config, connection, log } = options;
    this.name = config.name;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#noticed = new Noticed(connection.unstableMs ?? unstableMs, options.known?.replaced ?? null);
    this.#answerer = new Answerer({ noticed: this.#noticed, clock: this.#clock, known: options.known });
    this.#last = new LastHeard(this.#clock);
    this.#room = new Room(this.#clock);
    const lane = (name: LaneName, size: number): Lane =>
      new Lane({
        server: config.name,
        size,
        idleMs,
        clock: this.#clock,
        mayOpen: () => this.#room.full === null && !this.#keeper.isDoubted,
        open: async (signal) => {
          if (this.#room.full) throw this.#room.full;
          return await this.#open(name, signal);
        },
        onAbandoned: (given) => this.#kill(given),
        onBroken: (fault) => this.#broke(fault),
      });
    this.#lanes = {
      sampler: lane('sampler', 1),
      // One may hang inside the server while the other pings.
      status: lane('status', 2),
      checks: lane('checks', connection.poolSize),
    };
    this.#killer = new Killer({
      server: config.name,
      log,
      open: (timeoutMs, signal) => SqlConnection.open(config, limits.status, timeoutMs, signal),
    });
    this.#renewals = new Renewals({
      lanes: [this.#lanes.status, this.#lanes.sampler],
      intervalMs: connection.renewMs ?? renewMs,
      connected: () => this.connected,
      stopping: this.#stopping.signal,
      onBroken: (fault) => this.#broke(fault),
      onTurnedAway: (fault) => {
        this.#reset(fault);
        this.#keeper.lost(fault);
      },
    });
    this.#missing = new MissingPrivileges({
      server: this,
      user: config.user,
      log,
      onChange: () => this.#changed(),
    });
    this.#health = new HealthCheck({
      intervalMs: connection.healthIntervalMs ?? healthIntervalMs,
      clock: this.#clock,
      stopping: this.#stopping.signal,
      connected: () => this.connected,
      ping: () => this.#ping(),
      onBroken: (faults) => {
        for (const { message } of faults) this.#noticed.sawBroken(message, this.#clock.wall());
        this.#changed();
      },
      onGone: (error) => {
        const { message, reason } = faultFrom(error, config, 'query');
        this.#reset(new ServerFault('connection', this.name, message, 0, { reason }));
        this.#keeper.lost(error);
      },
    });
    this.#keeper = new ConnectionMonitor({
      server: config.name,
      config: connection,
      log,
      clock: this.#clock,
      attempt: async (signal, timeoutMs) => {
        const opened = await this.#open('status', signal, timeoutMs);
        this.#lanes.status.adopt(opened);
        return describe(opened.facts);
      },
      silent: () => late(config),
      onChange: () => {
        this.#changed();
        // What the clock was is to be known before it moves.
        if (this.#noticed.clockAheadMs === null) void this.#health.look();
      },
    });
  }

  start(): void {
    this.#keeper.start();
    void this.#health.run();
    void this.#renewals.run();
  }

  /** Where it is left alone for a while it is tried once, at once. */
  tryNow(): void {
    this.#keeper.tryNow();
  }

  /** Resolves within a few seconds, whatever hangs. Statements in flight reject and are killed on the server. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#keeper.stop();
    const reason = new ServerFault('cancelled', this.name, `${this.name}: Lockstep is stopping`);
    for (const lane of Object.values(this.#lanes)) lane.close(reason);
    await this.#killer.killing;
  }

  get config(): ServerConfig {
    return this.#options.config;
  }

  get facts(): ServerFacts | null {
    return this.#answerer.facts;
  }

  /** How a node of a cluster numbers its binlog, asked just now. */
  numbers(wsrepGtid: ServerFacts['wsrepGtid']): void {
    this.#answerer.numbers(wsrepGtid);
  }

  get exchanges(): number {
    return this.#answerer.exchanges;
  }

  get connected(): boolean {
    return this.#keeper.state === 'connected';
  }

  /** Why `connected` is what it is: `state.evidence`. */
  get evidence(): string {
    return this.#keeper.evidence;
  }

  /** What the last attempt to connect failed with; null while connected, and before the first. */
  get lastFault(): string | null {
    return this.#keeper.lastFault;
  }

  /** What it calls itself to whoever may not log in; null where it did not turn a login away. */
  get greeted(): Greeted | null {
    const { greeted, errno } = this.#refusal ?? { greeted: null, errno: 0 };
    if (greeted === null || !loginErrnos.has(errno)) return null;
    const versionText = greeted.replace(/^5\.5\.5-/, '');
    return { flavour: flavourOf(greeted, ''), version: parseVersion(greeted), versionText };
  }

  get state(): ServerState {
    const { config } = this.#options;
    const { facts, balancing, copied } = this.#answerer;
    return {
      name: this.name,
      host: config.host,
      port: config.port,
      ...(config.socket != null && { socket: config.socket }),
      connection: this.#keeper.state,
      evidence: this.#keeper.evidence,
      since: this.#keeper.since,
      lastContact: this.#last.at,
      attempts: this.#keeper.attempts,
      flavour: facts?.flavour ?? null,
      version: facts?.versionText ?? null,
      identity: facts?.identity ?? null,
      readOnly: this.#noticed.readOnly,
      readOnlyChanged: this.#noticed.readOnlyChanged,
      clockAheadMs: this.#noticed.clockAheadMs,
      runningSince: this.#noticed.runningSince,
      replaced: this.#noticed.replaced,
      ...(copied && { copied }),
      balances: balancing,
      broken: this.#noticed.broken(this.#clock.wall()),
      missingPrivileges: this.#missing.list(),
    };
  }

  /** While the server is not connected this and the next reject at once: only the keeper tries to reach it. */
  async query<T extends SqlRow = SqlRow>(
    sql: string,
    values: readonly SqlValue[] = [],
    options: QueryOptions = {},
  ): Promise<T[]> {
    return await this.#asking(options, (lane, timeoutMs) =>
      lane.query<T>(sql, values, timeoutMs, options.signal, options),
    );
  }

  /**
   * Several statements in one round trip, of which one SELECT at least says who answered them: of each its rows, or why
   * it was refused.
   */
  async queryTogether(
    statements: readonly string[],
    options: Omit<QueryOptions, keyof AnswerOptions> = {},
  ): Promise<(SqlRow[] | ServerFault)[]> {
    return await this.#asking(options, (lane, timeoutMs) =>
      lane.queryTogether(statements, timeoutMs, options.signal),
    );
  }

  async #asking<T>(options: QueryOptions, ask: (lane: Lane, timeoutMs: number) => Promise<T>): Promise<T> {
    const name = options.lane ?? 'checks';
    if (!this.connected || this.#stopping.signal.aborted) throw this.#notConnected();
    try {
      const answer = await ask(this.#lanes[name], options.timeoutMs ?? limits[name].statementMs);
      this.#last.heard();
      return answer;
    } catch (error) {
      if (options.signal?.aborted) throw error;
      if (error instanceof ServerFault) {
        if (error.kind === 'connection' || (error.kind === 'timeout' && error.errno === 0)) {
          void this.#health.look();
        } else this.#last.heard();
      }
      throw error;
    }
  }

  /** So many checks' statements may soon come at once, beside each other: their connections are opened meanwhile. */
  warm(statements: number): void {
    if (this.connected) this.#lanes.checks.warm(statements);
  }

  /** Resolves to whether the server is connected, as soon as it is, at the latest after `timeoutMs`. */
  async waitUntilConnected(timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    const deadline = this.#clock.now() + timeoutMs;
    while (!this.connected && this.#clock.now() < deadline) if (!(await sleep(20, signal))) break;
    return this.connected;
  }

  /** A feature found that it lacks a privilege. Stays in `state` until `clearMissing`. */
  reportMissing(feature: string, grant: string, message: string): void {
    this.#missing.report(feature, grant, message);
  }

  /**
   * Reports what a privilege fault says, with the GRANT of `privilege` (e.g. `REPLICATION CLIENT ON *.*`) to the
   * account that Lockstep has here. Anything but a privilege fault it leaves alone.
   */
  async reportFault(feature: string, privilege: string, fault: unknown): Promise<void> {
    await this.#missing.reportFault(feature, privilege, fault);
  }

  /** The feature works. */
  clearMissing(feature: string): void {
    this.#missing.clear(feature);
  }

  #changed(): void {
    this.#options.onChange(this.state);
  }

  #reset(reason: ServerFault): void {
    for (const lane of Object.values(this.#lanes)) lane.reset(reason);
  }

  #notConnected(): ServerFault {
    const reason = `not connected: ${this.#keeper.evidence}`;
    return new ServerFault('connection', this.name, `${this.name} is ${reason}`, 0, { reason });
  }

  async #open(lane: LaneName, signal: AbortSignal, timeoutMs?: number): Promise<SqlConnection> {
    const { config, connection } = this.#options;
    const opened = await SqlConnection.open(
      config,
      limits[lane],
      timeoutMs ?? connection.connectTimeoutMs,
      signal,
      this.#familiar,
    ).catch((error: unknown) => {
      this.#refusal = error instanceof ServerFault ? error : null;
      if (!signal.aborted) this.#room.notOpened(error);
      throw error;
    });
    this.#room.opened();
    this.#familiar = opened.familiar;
    this.#refusal = null;
    this.#renewals.letIn();
    // Opened in the moment of a reset, it would be told as a way back.
    if (signal.aborted) {
      opened.destroy();
      throw signal.reason;
    }
    const { silentMs } = this.#last;
    this.#last.heard();
    const balances = this.#recognise(opened, silentMs);
    if (balances) {
      opened.destroy();
      throw balances;
    }
    opened.onLost = () => void this.#health.look();
    return opened;
  }

  /** What an earlier process knew of it, and this one learns only now. */
  recall(known: KnownServer): void {
    if (this.#answerer.recall(known)) this.#changed();
  }

  /** Why it is to be left alone; null where one server answers here. */
  #recognise(opened: SqlConnection, silentMs: number): LeftAlone | null {
    const { another, news } = this.#answerer.saw(opened, silentMs);
    const balances = this.#balances();
    if (balances) {
      if (another) {
        this.#reset(balances);
        this.#keeper.lost(balances);
      }
      return balances;
    }
    this.#keeper.reached(describe(opened.facts));
    if (another) {
      const reason = 'another server answers at this address now';
      this.#options.log.warn({ server: this.name, before: another.was, now: another.is }, reason);
      this.#reset(new ServerFault('connection', this.name, `${this.name}: ${reason}`, 0, { reason }));
    }
    if (news) this.#changed();
    return null;
  }

  #balances(): LeftAlone | null {
    const reason = this.#answerer.balancing;
    if (reason === null) return null;
    return new LeftAlone(this.name, reason, this.#options.connection.leftAloneMs ?? leftAloneMs);
  }

  async #ping(): Promise<void> {
    const { connectTimeoutMs } = this.#options.connection;
    const sentAt = this.#clock.wall();
    const { readOnly, utc } = await ping(this.#lanes.status, connectTimeoutMs + 500, this.#stopping.signal);
    const receivedAt = this.#clock.wall();
    this.#last.heard(receivedAt);
    const flipped = this.#noticed.sawReadOnly(readOnly, receivedAt);
    const stepped = this.#noticed.sawClock(utc, sentAt, receivedAt);
    if (flipped || stepped) this.#changed();
  }

  #broke(fault: ServerFault): void {
    // New connections would be no better, and as many as there are questions.
    if (fault instanceof OtherAnswer && this.connected) {
      this.#keeper.lost(fault);
      this.#reset(fault);
      return;
    }
    this.#health.broke(fault);
  }

  /** What was given up here. */
  #kill(connection: SqlConnection): void {
    // The next connection leads to another, or may.
    if (this.#answerer.balancing !== null || this.#keeper.isDoubted) return;
    this.#killer.kill(connection);
  }
}

function describe({ flavour, versionText, aurora }: ServerFacts): string {
  const cluster = aurora ? ` (Aurora ${aurora.version}${aurora.reader ? ', a reader' : ''})` : '';
  return `${flavour === 'mysql' ? 'MySQL' : 'MariaDB'} ${versionText}${cluster}`;
}
