import { connect, type Socket } from 'node:net';
import {
  authPlugins,
  type Connection,
  type ConnectionOptions,
  createConnection,
  type FieldPacket,
  type QueryError,
} from 'mysql2';
import type { ServerConfig } from '../config.ts';
import { Guard } from '../time/guard.ts';
import { faultFrom, noAnswer } from './faults.ts';
import { factsFrom, factsStatement, isOn, statementLimit } from './session.ts';
import {
  firstStatement,
  isSet,
  readBackStatement,
  type SessionVariable,
  sessionVariables,
  setStatement,
} from './session-variables.ts';
import type { ServerFacts, ServerFault, SqlRow, SqlValue } from './sql-server.ts';

export interface SessionLimits {
  lockWaitSeconds: number;
  /** The server's own limit on a statement, unless one asks for more. */
  statementMs: number;
}

/** One connection with Lockstep's session state, one statement at a time. Knows no deadline: its lane does. */
export class SqlConnection {
  readonly #driver: Connection;
  readonly #socket: Socket;
  readonly #config: ServerConfig;
  readonly #limits: SessionLimits;
  #limitMs: number;
  #facts!: ServerFacts;
  #readOnly = false;
  #abandon: ((fault: ServerFault) => void) | null = null;
  #closed = false;
  /** When it was last handed back to its lane, on the lane's clock. */
  idleSince: number | null = null;
  /** Called when the other side closes it. */
  onLost: (() => void) | null = null;

  private constructor(config: ServerConfig, limits: SessionLimits, password: string, timeoutMs: number) {
    this.#config = config;
    this.#limits = limits;
    this.#limitMs = limits.statementMs;
    this.#socket = connect({ host: config.host, port: config.port, noDelay: true, keepAlive: true });
    // For TLS, Node checks the certificate against this undocumented field, which it leaves empty for an IP address:
    // it would check against 'localhost' then.
    (this.#socket as { _host?: string })._host = config.host;
    this.#driver = createConnection({
      ...driverOptions(config, timeoutMs),
      password,
      stream: () => this.#socket,
    });
    // Errors between statements: without a listener they would end the process.
    this.#driver.on('error', () => this.#lost());
    this.#driver.on('end', () => this.#lost());
  }

  /** Connects, asks what server this is and sets the session up. Rejects with a ServerFault. */
  static async open(
    config: ServerConfig,
    limits: SessionLimits,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<SqlConnection> {
    const guard = new Guard(timeoutMs, () => noAnswer(config), signal);
    let connection: SqlConnection | undefined;
    try {
      const password = await guard.race(config.password());
      connection = new SqlConnection(config, limits, password, timeoutMs);
      await guard.race(connection.#handshake());
      await guard.race(connection.#prepare());
      return connection;
    } catch (error) {
      connection?.destroy();
      if (signal.aborted) throw signal.reason;
      throw faultFrom(error, config, 'connect');
    } finally {
      guard.dispose();
    }
  }

  get facts(): ServerFacts {
    return this.#facts;
  }

  /** As of connecting. */
  get readOnly(): boolean {
    return this.#readOnly;
  }

  get threadId(): number {
    return this.#driver.threadId;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Rejects with a ServerFault; after one of kind `connection` this connection is closed. */
  async query<T extends SqlRow>(sql: string, values: readonly SqlValue[], limitMs: number): Promise<T[]> {
    try {
      await this.#allow(limitMs);
      return await this.#send<T>(sql, values);
    } catch (error) {
      const fault = faultFrom(error, this.#config, 'query');
      // After a fault of the client's own nobody knows what the connection still holds.
      if (fault.kind === 'connection' || fault.kind === 'client') this.destroy();
      throw fault;
    }
  }

  /**
   * Closes the socket at once; a statement in flight rejects with `reason`. The server may work on at it: see
   * `KILL QUERY`.
   */
  destroy(reason?: ServerFault): void {
    this.#closed = true;
    this.#driver.destroy();
    // The driver only says goodbye, which a frozen peer never answers.
    this.#socket.destroy();
    // And it forgets the statement in flight without a word.
    this.#abandon?.(reason ?? faultFrom({ code: 'ECONNABORTED' }, this.#config, 'query'));
  }

  #lost(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.onLost?.();
  }

  #handshake(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#driver.once('connect', resolve);
      this.#driver.once('error', reject);
    });
  }

  /** Four round trips: guard the questions, ask, set what is not so yet, see that it is. */
  async #prepare(): Promise<void> {
    const wanted = sessionVariables(this.#limits);
    await this.#send(firstStatement(this.#limits), []);
    const rows = await this.#send<{ Variable_name: string; Value: string }>(factsStatement(wanted), []);
    const variables = new Map(rows.map((row) => [row.Variable_name, row.Value]));
    this.#facts = factsFrom(variables);
    this.#readOnly = isOn(variables.get('read_only'));
    const known = wanted.filter(({ name }) => variables.has(name));
    const unset = known.filter((variable) => !isSet(variable, variables.get(variable.name) ?? ''));
    if (unset.length > 0) await this.#send(setStatement(unset), []);
    const [session] = await this.#send(readBackStatement(known), []);
    for (const variable of known) {
      const is = String(session?.[variable.name] ?? '');
      if (!isSet(variable, is)) throw new SessionRefused(variable, is);
    }
  }

  /** Statements within the lane's usual limit cost nothing here. */
  async #allow(limitMs: number): Promise<void> {
    const wanted = Math.max(this.#limits.statementMs, limitMs);
    if (wanted === this.#limitMs) return;
    await this.#send(`SET SESSION ${statementLimit(this.#facts.flavour, wanted)}`, []);
    this.#limitMs = wanted;
  }

  #send<T extends SqlRow>(sql: string, values: readonly SqlValue[]): Promise<T[]> {
    return new Promise((resolve, reject) => {
      this.#abandon = reject;
      // As arrays, since the driver trips over a column that is called like a property of every object.
      const query = { sql, values: [...values], rowsAsArray: true };
      this.#driver.query(query, (error: QueryError | null, rows: unknown, fields?: FieldPacket[]) => {
        this.#abandon = null;
        if (error) reject(error);
        else resolve(named<T>(rows, fields ?? []));
      });
    });
  }
}

/** By their names, in objects that have no properties but those. What is no list of rows has none. */
function named<T extends SqlRow>(rows: unknown, fields: FieldPacket[]): T[] {
  if (!Array.isArray(rows)) return [];
  return (rows as SqlValue[][]).map((values) => {
    const row = Object.create(null) as SqlRow;
    for (const [i, { name }] of fields.entries()) row[name] = values[i] ?? null;
    return row as T;
  });
}

/** What is read in a session that is not set up as the comparison needs it proves nothing. */
class SessionRefused extends Error {
  constructor({ name, value }: SessionVariable, is: string) {
    super(`the session variable ${name} is ${is}, though it was set to ${value}`);
    this.name = 'SessionRefused';
  }
}

function driverOptions(config: ServerConfig, connectTimeout: number): ConnectionOptions {
  return {
    host: config.host,
    port: config.port,
    user: config.user,
    connectTimeout,
    charset: 'utf8mb4',
    // Both, or big numbers are rounded, or come as numbers and strings in turn.
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    jsonStrings: true,
    // None is ever prepared, and room for the default of 16,000 costs half a megabyte a connection.
    maxPreparedStatements: 1,
    // A server must not be able to ask for the files of this machine.
    flags: ['-LOCAL_FILES'],
    connectAttributes: { program_name: 'lockstep' },
    ...(config.tls && {
      ssl: {
        minVersion: 'TLSv1.2',
        verifyIdentity: config.tls.verifyIdentity,
        ...(config.tls.ca !== null && { ca: config.tls.ca }),
        ...(config.tls.cert !== null && { cert: config.tls.cert }),
        ...(config.tls.key !== null && { key: config.tls.key }),
      },
    }),
    ...(config.serverPublicKey !== null && {
      authPlugins: {
        caching_sha2_password: authPlugins.caching_sha2_password({ serverPublicKey: config.serverPublicKey }),
      },
    }),
  };
}
