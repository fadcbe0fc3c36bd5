import type { Clock } from '../time/clock.ts';
import { Guard } from '../time/guard.ts';
import type { SqlConnection } from './sql-connection.ts';
import { type AnswerOptions, OtherAnswer, ServerFault, type SqlRow, type SqlValue } from './sql-server.ts';

export interface LaneOptions {
  server: string;
  size: number;
  /** A connection that was idle for longer is not used again. */
  idleMs: number;
  clock: Clock;
  /** Whether another may be had, as far as that is known; absent: it may. */
  mayOpen?: () => boolean;
  /** Opens a connection; rejects with a ServerFault. */
  open: (signal: AbortSignal) => Promise<SqlConnection>;
  /** A statement may still be running on the server, on a connection that was given up. */
  onAbandoned: (connection: SqlConnection) => void;
  /** A connection broke under a statement, whether or not that was asked again. */
  onBroken: (fault: ServerFault) => void;
}

interface Waiter {
  resolve: (connection: SqlConnection) => void;
  reject: (reason: unknown) => void;
}

/**
 * A few connections that statements take turns on, first come first served.
 *
 * Not mysql2's pool: that one hands stuck connections back, waits for a free one without a limit, hangs when it is
 * closed, and keeps the password it was made with.
 */
export class Lane {
  readonly #options: LaneOptions;
  #idle: SqlConnection[] = [];
  readonly #busy = new Set<SqlConnection>();
  /** Not used again after the statement that they are at. */
  readonly #leaving = new Set<SqlConnection>();
  #opening = 0;
  /** Of these, how many are for whoever comes first. */
  #warming = 0;
  readonly #waiters: Waiter[] = [];
  /** Replaced at every reset: what belongs to an aborted one is not used again. */
  #era = new AbortController();
  #closed: ServerFault | null = null;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** Rejects with a ServerFault, or with the signal's reason, no later than the deadline. */
  async query<T extends SqlRow>(
    sql: string,
    values: readonly SqlValue[],
    timeoutMs: number,
    signal?: AbortSignal,
    asked: AnswerOptions = {},
  ): Promise<T[]> {
    const ask = (connection: SqlConnection) => connection.query<T>(sql, values, timeoutMs, asked);
    return await this.#turn(ask, timeoutMs, signal);
  }

  /** As `query`, of several at once; see `Server`. */
  async queryTogether(
    statements: readonly string[],
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<(SqlRow[] | ServerFault)[]> {
    return await this.#turn(
      (connection) => connection.queryTogether(statements, timeoutMs),
      timeoutMs,
      signal,
    );
  }

  async #turn<T>(
    ask: (connection: SqlConnection) => Promise<T>,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<T> {
    const era = this.#era;
    const guard = new Guard(timeoutMs, () => this.#timeout(timeoutMs), signal);
    try {
      for (;;) {
        const connection = await guard.race(this.#acquire(), (late) => this.#release(late));
        const reused = connection.idleSince !== null;
        try {
          return await guard.race(ask(connection));
        } catch (error) {
          if (guard.reason) this.#abandon(connection);
          else if (era === this.#era && isConnectionFault(error)) {
            this.#options.onBroken(error);
            // The server may have closed it while it was idle; what only reads can be asked again.
            if (reused && !(error instanceof OtherAnswer)) continue;
          }
          throw error;
        } finally {
          this.#release(connection);
        }
      }
    } finally {
      guard.dispose();
    }
  }

  /** Takes in a connection that was opened elsewhere, or closes it if there is no room. */
  adopt(connection: SqlConnection): void {
    if (this.#total >= this.#options.size) connection.destroy();
    else this.#release(connection);
  }

  /**
   * Opens connections until there are so many, as far as there is room: for statements that will come soon, and would
   * each wait for one. Where none is to be had that is told to those.
   */
  warm(count: number): void {
    const { signal } = this.#era;
    if (this.#closed || !this.#mayOpen) return;
    const wanted = Math.min(count, this.#options.size) - this.#total;
    for (let i = 0; i < wanted; i++) {
      this.#opening++;
      this.#warming++;
      const opened = () => {
        this.#opening--;
        if (!signal.aborted) this.#warming--;
      };
      this.#options
        .open(signal)
        .finally(opened)
        .then(
          (connection) => (signal.aborted ? connection.destroy() : this.#release(connection)),
          () => this.#serve(),
        );
    }
  }

  /**
   * Puts a new connection in the place of the oldest, if there is one: connections that live long say nothing of where
   * the address leads by now. Nobody waits for it. Rejects with a ServerFault when there is none to be had; the old one
   * stays then.
   */
  async renew(): Promise<void> {
    const { signal } = this.#era;
    if (this.#closed || this.#total === 0 || this.#opening > 0) return;
    const fresh = await this.#options.open(signal);
    const old = [...this.#idle, ...this.#busy].sort((a, b) => a.openedAt - b.openedAt)[0];
    if (signal.aborted || !old) {
      fresh.destroy();
      return;
    }
    if (this.#busy.has(old)) this.#leaving.add(old);
    else {
      this.#idle = this.#idle.filter((connection) => connection !== old);
      old.destroy();
    }
    this.#release(fresh);
  }

  /** Closes every connection. Statements in flight and waiting reject with `reason`. The lane can be used again. */
  reset(reason: ServerFault): void {
    this.#era.abort(reason);
    this.#era = new AbortController();
    this.#warming = 0;
    for (const connection of this.#idle.splice(0)) connection.destroy();
    for (const connection of this.#busy) this.#abandon(connection, reason);
    for (const waiter of this.#waiters.splice(0)) waiter.reject(reason);
  }

  /** As a reset, and for good: whatever asks from now on rejects with `reason`. */
  close(reason: ServerFault): void {
    this.#closed = reason;
    this.reset(reason);
  }

  get #total(): number {
    return this.#idle.length + this.#busy.size + this.#opening;
  }

  get #mayOpen(): boolean {
    return this.#options.mayOpen?.() ?? true;
  }

  /** Where no more are to be had, those that there are have to do; with none, who asks is to hear why. */
  get #size(): number {
    return this.#mayOpen ? this.#options.size : 1;
  }

  #acquire(): Promise<SqlConnection> {
    if (this.#closed) return Promise.reject(this.#closed);
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#serve();
    });
  }

  #serve(): void {
    while (this.#waiters.length > 0) {
      const idle = this.#takeIdle();
      // One that is being opened already is there sooner than another.
      if (!idle && (this.#warming >= this.#waiters.length || this.#total >= this.#size)) return;
      const waiter = this.#waiters.shift() as Waiter;
      if (idle) {
        this.#busy.add(idle);
        waiter.resolve(idle);
      } else this.#open(waiter);
    }
  }

  #open(waiter: Waiter): void {
    const { signal } = this.#era;
    this.#opening++;
    this.#options
      .open(signal)
      .finally(() => this.#opening--)
      .then(
        (connection) => {
          if (signal.aborted) {
            // Opened in the very moment of a reset, which did not know of it: nobody would ever close it.
            connection.destroy();
            waiter.reject(signal.reason);
            this.#serve();
            return;
          }
          this.#busy.add(connection);
          waiter.resolve(connection);
        },
        (reason: unknown) => {
          if (this.#total > 0 && !this.#mayOpen && !signal.aborted) this.#waiters.unshift(waiter);
          else waiter.reject(reason);
          this.#serve();
        },
      );
  }

  /** The one used last, so that those not needed grow old and go. */
  #takeIdle(): SqlConnection | undefined {
    const now = this.#options.clock.now();
    this.#idle = this.#idle.filter((connection) => {
      const idleMs = Math.min(this.#options.idleMs, connection.maxIdleMs);
      const usable = !connection.closed && now - (connection.idleSince ?? 0) <= idleMs;
      if (!usable) connection.destroy();
      return usable;
    });
    return this.#idle.pop();
  }

  #release(connection: SqlConnection): void {
    this.#busy.delete(connection);
    if (this.#leaving.delete(connection)) connection.destroy();
    if (!connection.closed) {
      connection.idleSince = this.#options.clock.now();
      this.#idle.push(connection);
    }
    this.#serve();
  }

  #abandon(connection: SqlConnection, reason?: ServerFault): void {
    if (connection.closed) return;
    connection.destroy(reason);
    this.#options.onAbandoned(connection);
  }

  #timeout(timeoutMs: number): ServerFault {
    const { server } = this.#options;
    const reason = `no answer within ${timeoutMs} ms`;
    return new ServerFault('timeout', server, `${server}: ${reason}`, 0, { reason });
  }
}

function isConnectionFault(error: unknown): error is ServerFault {
  return error instanceof ServerFault && error.kind === 'connection';
}
