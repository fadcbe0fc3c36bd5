import type { ServerConfig } from '../config.ts';
import { Guard } from '../time/guard.ts';
import { type AnswerBounds, answerBounds, widened } from './answer-bounds.ts';
import { Exchange } from './exchange.ts';
import type { Familiar } from './familiar.ts';
import { faultFrom, late } from './faults.ts';
import { passwordOf } from './password-of.ts';
import { PreparedSession, type SessionLimits } from './prepared-session.ts';
import type { AnswerOptions, ServerFacts, ServerFault, SqlRow, SqlValue } from './sql-server.ts';
import { Wire } from './wire.ts';

/** One connection with Lockstep's session state, one statement at a time. Knows no deadline: its lane does. */
export class SqlConnection {
  readonly #config: ServerConfig;
  readonly #bounds: AnswerBounds;
  readonly #wire: Wire;
  readonly #session: PreparedSession;
  /** When it was last handed back to its lane, on the lane's clock. */
  idleSince: number | null = null;

  private constructor(config: ServerConfig, bounds: AnswerBounds, wire: Wire, session: PreparedSession) {
    this.#config = config;
    this.#bounds = bounds;
    this.#wire = wire;
    this.#session = session;
  }

  /**
   * Connects, asks what server this is and sets the session up, sooner where it is `familiar`. Rejects with a
   * ServerFault.
   */
  static async open(
    config: ServerConfig,
    limits: SessionLimits,
    timeoutMs: number,
    signal: AbortSignal,
    familiar: Familiar | null = null,
  ): Promise<SqlConnection> {
    const guard = new Guard(timeoutMs, () => late(config), signal);
    const bounds = limits.answer ?? answerBounds.checks;
    let wire: Wire | undefined;
    try {
      const password = await guard.race(passwordOf(config));
      wire = new Wire(config, password);
      await guard.race(wire.handshake());
      const exchange = new Exchange(wire, config, bounds);
      const session = await guard.race(PreparedSession.prepare(wire, exchange, config, limits, familiar));
      return new SqlConnection(config, bounds, wire, session);
    } catch (error) {
      const givenUp = guard.reason !== undefined && wire?.stands === true;
      wire?.destroy();
      if (signal.aborted) throw signal.reason;
      const fault = faultFrom(error, config, 'connect');
      if (wire) {
        fault.greeted = wire.greeting;
        fault.loggedIn = wire.greeted !== '';
        fault.givenUp = givenUp && !fault.loggedIn;
      }
      throw fault;
    } finally {
      guard.dispose();
    }
  }

  get facts(): ServerFacts {
    return this.#session.facts;
  }

  /** For connections after this one to the same server. */
  get familiar(): Familiar {
    return this.#session.familiar;
  }

  /** As of connecting. */
  get readOnly(): boolean {
    return this.#session.readOnly;
  }

  get threadId(): number {
    return this.#wire.threadId;
  }

  /**
   * Whether that is its number on the server. A proxy may give numbers of its own, and whether a KILL means those or
   * the server's nobody knows: under the other number may be somebody else's session.
   */
  get isNumberedByServer(): boolean {
    return this.threadId === this.#session.number;
  }

  get maxIdleMs(): number {
    return this.#session.maxIdleMs;
  }

  get closed(): boolean {
    return this.#wire.closed;
  }

  /** On Node's monotonic clock. */
  get openedAt(): number {
    return this.#wire.openedAt;
  }

  /** Called when the other side closes it. */
  set onLost(listener: () => void) {
    this.#wire.onLost = listener;
  }

  /** Rejects with a ServerFault; after one of kind `connection` or `client` this connection is closed. */
  async query<T extends SqlRow>(
    sql: string,
    values: readonly SqlValue[],
    limitMs: number,
    { maxRows, pending = false, emptyTells = true, quick = false }: AnswerOptions = {},
  ): Promise<T[]> {
    return await this.#faulting(async () => {
      if (!quick) await this.#session.allow(limitMs);
      await this.#session.readPending(pending);
      return await this.#session.answers.ask<T>(sql, values, {
        bounds: widened(this.#bounds, maxRows),
        maxRows,
        emptyTells,
      });
    });
  }

  /**
   * Asks several statements in one round trip: of each its rows, or why it was refused. Rejects as `query` does where
   * it is the connection.
   */
  async queryTogether(statements: readonly string[], limitMs: number): Promise<(SqlRow[] | ServerFault)[]> {
    return await this.#faulting(async () => {
      await this.#session.allow(limitMs);
      await this.#session.readPending(false);
      const settled: (SqlRow[] | ServerFault)[] = [];
      while (settled.length < statements.length) {
        const { rows, refused } = await this.#session.answers.together(statements.slice(settled.length));
        settled.push(...rows);
        if (refused === null) continue;
        const fault = faultFrom(refused, this.#config, 'query');
        if (fault.kind !== 'privilege' && fault.kind !== 'statement') throw fault;
        settled.push(fault);
      }
      return settled;
    });
  }

  /**
   * Closes the socket at once; a statement in flight rejects with `reason`. The server may work on at it: see
   * `KILL QUERY`.
   */
  destroy(reason?: ServerFault): void {
    this.#wire.destroy(reason);
  }

  async #faulting<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const fault = await this.#refusedHere(faultFrom(error, this.#config, 'query'));
      // After a fault of the client's own nobody knows what the connection still holds.
      if (fault.kind === 'connection' || fault.kind === 'client') this.destroy();
      throw fault;
    }
  }

  /** That there is no such table is an answer as well, and does not say who gave it. */
  async #refusedHere(fault: ServerFault): Promise<ServerFault> {
    if (fault.kind !== 'statement' || this.closed) return fault;
    return await this.#session.answers.ask('SELECT 1').then(
      () => fault,
      (error: unknown) => faultFrom(error, this.#config, 'query'),
    );
  }
}
