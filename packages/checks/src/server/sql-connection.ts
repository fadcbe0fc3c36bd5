import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Connection, type ConnectionOptions, createConnection, type FieldPacket } from 'mysql2';
import type { ServerConfig } from '../config.ts';
import { Guard } from '../time/guard.ts';
import { endpointOf } from './address.ts';
import { type AnswerBounds, answerBounds, unaskedBytes, widened } from './answer-bounds.ts';
import { faultFrom, noAnswer, otherAnswer, unreadable } from './faults.ts';
import { foreignText } from './foreign-text.ts';
import { greetedVersion } from './greeting.ts';
import { instanceFrom, instanceNames } from './instance.ts';
import { Intake } from './intake.ts';
import { notMysql, unrecognised } from './not-mysql.ts';
import { pinnedLogins } from './pinned-key.ts';
import { Questions, questionsStatement } from './questions.ts';
import {
  factsFrom,
  factsStatement,
  isReadOnly,
  sessionNumber,
  showStatement,
  statementLimit,
} from './session.ts';
import {
  firstStatement,
  isSet,
  readBackStatement,
  type SessionVariable,
  sessionVariables,
  setStatement,
} from './session-variables.ts';
import type { AnswerOptions, ServerFacts, ServerFault, SqlRow, SqlValue } from './sql-server.ts';
import { isOneStatement } from './sql-text.ts';
import { isVerified, tlsOptions } from './tls-options.ts';
import { anyRow, type Asked, saidBy, Witness } from './witness.ts';

export interface SessionLimits {
  lockWaitSeconds: number;
  /** The server's own limit on a statement, unless one asks for more. */
  statementMs: number;
  /** Of a statement, unless one asks for more rows. Default: as for checks. */
  answer?: AnswerBounds;
}

/** The most that any server has in one answer, and what they may take with names of the greatest length. */
const maxColumns = 4096;
const columnBytes = 4 * 1024 * 1024;
/** Packets that came out of their order; one alone is how some say that they end a connection. */
const maxOutOfOrder = 3;
const syntaxErrno = 1064;

/** One of the statements that are sent as one. */
interface Sent {
  sql: string;
  asked: Asked | null;
}

/** Of statements that were sent as one: the rows of each that was answered, and why the next was not. */
interface Answers {
  rows: SqlRow[][];
  refused: unknown;
  /** Some row said who answered, rightly. */
  witnessed: boolean;
}

/** One connection with Lockstep's session state, one statement at a time. Knows no deadline: its lane does. */
export class SqlConnection {
  readonly #driver: Connection;
  readonly #socket: Socket;
  readonly #config: ServerConfig;
  readonly #limits: SessionLimits;
  #limitMs: number;
  #facts: ServerFacts | null = null;
  #witness: Witness | null = null;
  readonly #questions = new Questions();
  #readsPending = false;
  #readOnly = false;
  readonly #intake = new Intake(unaskedBytes, () => this.#tooMuch(this.#tooLong));
  #tooLong = 'it sends more than belongs to a login';
  #outOfOrder = 0;
  #abandon: ((fault: unknown) => void) | null = null;
  #closed = false;
  /** The driver keeps it of logins that succeed. */
  #greeting: string | null = null;
  /** On Node's monotonic clock. */
  readonly openedAt = performance.now();
  /** When it was last handed back to its lane, on the lane's clock. */
  idleSince: number | null = null;
  /** Called when the other side closes it. */
  onLost: (() => void) | null = null;

  private constructor(config: ServerConfig, limits: SessionLimits, password: string, timeoutMs: number) {
    this.#config = config;
    this.#limits = limits;
    this.#limitMs = limits.statementMs;
    this.#socket = connect({ ...endpointOf(config), noDelay: true, keepAlive: true });
    // For TLS, Node checks the certificate against this undocumented field, which it leaves empty for an IP address:
    // it would check against 'localhost' then.
    (this.#socket as { _host?: string })._host = nameOf(config);
    this.#driver = createConnection({
      ...driverOptions(config, timeoutMs),
      ...logins(config, password),
      stream: () => this.#socket,
    });
    // Errors between statements: without a listener they would end the process.
    this.#driver.on('error', (error) => {
      this.#abandon?.(error);
      this.#lost();
    });
    this.#driver.on('end', () => this.#lost());
    // The driver writes a line on standard error for each.
    this.#driver.on('warn', () => {
      if (++this.#outOfOrder > maxOutOfOrder) this.#tooMuch('its packets are out of order');
    });
    this.#intake.watch(this.#socket);
    this.#socket.once('data', (packet: Buffer) => (this.#greeting = greetedVersion(packet)));
    // Comes behind the driver, which puts TLS over the socket as soon as it has read the greeting.
    this.#socket.on('data', () => {
      const { stream } = this.#driver as unknown as { stream: Duplex };
      if (stream !== this.#socket) this.#intake.watch(stream);
    });
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
      const fault = faultFrom(error, config, 'connect');
      if (connection) fault.greeted = connection.#greeting;
      throw fault;
    } finally {
      guard.dispose();
    }
  }

  get #answer(): AnswerBounds {
    return this.#limits.answer ?? answerBounds.checks;
  }

  get facts(): ServerFacts {
    if (!this.#facts) throw new Error('what server this is is not known before it was asked');
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

  /** Rejects with a ServerFault; after one of kind `connection` or `client` this connection is closed. */
  async query<T extends SqlRow>(
    sql: string,
    values: readonly SqlValue[],
    limitMs: number,
    { maxRows, pending = false, emptyTells = true }: AnswerOptions = {},
  ): Promise<T[]> {
    return await this.#faulting(async () => {
      await this.#allow(limitMs);
      await this.#readPending(pending);
      return await this.#believe<T>(sql, values, {
        bounds: widened(this.#answer, maxRows),
        mayBeMany: maxRows !== undefined,
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
      await this.#allow(limitMs);
      await this.#readPending(false);
      const settled: (SqlRow[] | ServerFault)[] = [];
      while (settled.length < statements.length) {
        const { rows, refused } = await this.#together(statements.slice(settled.length));
        settled.push(...rows);
        if (refused === null) continue;
        const fault = faultFrom(refused, this.#config, 'query');
        if (fault.kind !== 'privilege' && fault.kind !== 'statement') throw fault;
        settled.push(fault);
      }
      return settled;
    });
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
    this.#socket.destroy();
    if (this.#closed) return;
    this.#closed = true;
    this.onLost?.();
  }

  #handshake(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#abandon = reject;
      this.#driver.once('connect', resolve);
      this.#driver.once('error', reject);
    });
  }

  /** The version in the server's greeting. */
  get #greeted(): string {
    type Greeted = { _handshakePacket?: { serverVersion?: string } | null };
    return foreignText((this.#driver as unknown as Greeted)._handshakePacket?.serverVersion ?? '');
  }

  #mustBeMysql(...says: string[]): void {
    const other = notMysql(...says);
    if (other !== null) throw new Error(other);
  }

  /**
   * Six round trips: guard the questions, ask what server it is, set what is not so yet, see that it is; and once more
   * who answers, by a SHOW and by a SELECT each, alone and together.
   */
  async #prepare(): Promise<void> {
    const wanted = sessionVariables(this.#limits);
    this.#mustBeMysql(this.#greeted);
    await this.#send(firstStatement(this.#limits), []);
    const variables = await this.#show(factsStatement(wanted));
    this.#mustBeMysql(variables.get('version') ?? '', variables.get('version_comment') ?? '');
    this.#facts = factsFrom(variables);
    if (this.#facts.flavour === 'mysql' && this.#facts.uuid === '') throw new Error(unrecognised);
    this.#readOnly = isReadOnly(variables);
    const witness = new Witness(this.#facts.instance, variables.get(sessionNumber));
    this.#witness = witness;
    const known = wanted.filter(({ name }) => variables.has(name));
    const unset = known.filter((variable) => !isSet(variable, variables.get(variable.name) ?? ''));
    await this.#send(setStatement(unset, witness.mark), []);
    const settings = witness.settings((name) => variables.has(name));
    const [session] = await this.#believe(`${readBackStatement(known)}, ${settings} AS settings`, []);
    for (const variable of known) {
      const is = String(session?.[variable.name] ?? '');
      if (!isSet(variable, is)) throw new SessionRefused(variable, is);
    }
    witness.settledAs(String(session?.['settings']));
    const again = showStatement([...instanceNames, sessionNumber]);
    const alone = await this.#show(again);
    const together = await this.#showTogether(again).catch((error: unknown) => {
      const { errno } = error as { errno?: number };
      throw errno === syntaxErrno ? new Error('it does not take two statements at once: a proxy?') : error;
    });
    for (const variables of [alone, variablesIn(together)]) {
      const shown = new Witness(instanceFrom(variables), variables.get(sessionNumber));
      if (shown.is !== witness.is) throw otherAnswer(this.#config, witness.is, shown.is);
    }
  }

  /** Beside a SELECT, as what is asked later; and whether the session's statements can be counted. */
  async #showTogether(statement: string): Promise<SqlRow[]> {
    const sent = [this.#count(), { sql: statement, asked: null }, this.#count()];
    const { rows, refused } = await this.#exchange(sent, []);
    const [before, shown, after] = rows;
    if (refused === null && before && shown && after) {
      if (questionsIn(after) - questionsIn(before) === 2) this.#questions.begin(questionsIn(after));
      return shown;
    }
    if ((refused as { errno?: number } | null)?.errno === syntaxErrno) throw refused as Error;
    return await this.#believe(statement, []);
  }

  async #show(statement: string): Promise<Map<string, string>> {
    return variablesIn(await this.#send(statement, []));
  }

  /** Rejects with OtherAnswer what was not answered by the server that this connection leads to. */
  async #believe<T extends SqlRow>(
    sql: string,
    values: readonly SqlValue[],
    { bounds = this.#answer, mayBeMany = false, emptyTells = false } = {},
  ): Promise<T[]> {
    const witness = this.#witness;
    if (!isOneStatement(sql)) throw new Error('one statement was meant, and there is a second in it');
    if (!witness) return await this.#send<T>(sql, values, bounds);
    const ask = async (): Promise<T[]> => {
      const asked = witness.ask(sql, mayBeMany);
      if (asked) return await this.#send<T>(sql, values, bounds, asked);
      const { rows, refused } = await this.#counted([{ sql, asked }], values, bounds);
      if (refused !== null) throw refused as Error;
      return rows[0] as T[];
    };
    const rows = await ask();
    if (rows.length > 0 || !emptyTells) return rows;
    const any = witness.ask(sql, false) && witness.ask(anyRow(sql), false);
    if (!any) return rows;
    const [row] = await this.#send(sql, values, bounds, any);
    // Or there are some by now.
    return Object.values(row ?? {}).map(Number)[0] === 0 ? rows : await ask();
  }

  /** Says who answers what it is sent with, and what came to the session, where that is counted. */
  #who(): Sent {
    if (this.#questions.counts) return this.#count();
    const sql = 'SELECT 1';
    return { sql, asked: this.#witness?.ask(sql, false) ?? null };
  }

  #count(): Sent {
    const sql = questionsStatement(this.facts.flavour);
    return { sql, asked: this.#witness?.ask(sql, false) ?? null };
  }

  /** As an exchange, with what says who answers behind it; of all that was sent the session has to know. */
  async #counted(
    sent: readonly Sent[],
    values: readonly SqlValue[] = [],
    bounds: AnswerBounds = this.#answer,
  ): Promise<Answers> {
    const counts = this.#questions.counts;
    const answers = await this.#exchange([...sent, this.#who()], values, bounds);
    if (answers.refused !== null) {
      // What refused it is to be this server, too.
      const { kind } = faultFrom(answers.refused, this.#config, 'query');
      const saidNo = kind === 'privilege' || kind === 'statement';
      if (saidNo && !answers.witnessed) await this.#exchange([this.#who()], []);
      return answers;
    }
    const last = answers.rows.pop() ?? [];
    const compared = counts ? this.#questions.compare(questionsIn(last)) : 'equal';
    if (compared === 'equal') return answers;
    if (compared === 'more') throw this.#otherAnswer('a session in which somebody else asks, too');
    const again = await this.#exchange([this.#count(), ...sent, this.#count()], values, bounds);
    if (again.refused !== null) throw again.refused as Error;
    const [before, after] = [again.rows.shift() ?? [], again.rows.pop() ?? []].map(questionsIn) as [
      number,
      number,
    ];
    if (after - before !== sent.length + 1) throw this.#otherAnswer('a session that was not asked all of it');
    this.#questions.begin(after);
    return again;
  }

  /** Up to the first that is refused. */
  async #together(statements: readonly string[]): Promise<Answers> {
    const witness = this.#witness;
    if (!witness) throw new Error('who answers is not known before it was asked');
    if (!statements.every(isOneStatement)) throw new Error('there is a statement too much');
    const sent = statements.map((sql) => ({ sql, asked: witness.ask(sql, false) }));
    const isTold = sent[0]?.asked != null;
    const mayBeElsewhere = sent.some(({ asked }) => !asked);
    if (isTold && !(mayBeElsewhere && this.#questions.due)) {
      const answers = await this.#exchange(sent, []);
      // That it may not be told is so for any server of this account's.
      if (answers.witnessed || answers.refused !== null) return answers;
    }
    return await this.#counted(sent);
  }

  #otherAnswer(came: string): ServerFault {
    const is = this.#witness?.is ?? '';
    return otherAnswer(this.#config, is, saidBy(came, is));
  }

  /** That there is no such table is an answer as well, and does not say who gave it. */
  async #refusedHere(fault: ServerFault): Promise<ServerFault> {
    if (fault.kind !== 'statement' || this.#closed) return fault;
    return await this.#believe('SELECT 1', []).then(
      () => fault,
      (error: unknown) => faultFrom(error, this.#config, 'query'),
    );
  }

  /** Statements within the lane's usual limit cost nothing here. */
  async #allow(limitMs: number): Promise<void> {
    const wanted = Math.max(this.#limits.statementMs, limitMs);
    if (wanted === this.#limitMs) return;
    await this.#send(`SET SESSION ${statementLimit(this.facts.flavour, wanted)}`, []);
    this.#limitMs = wanted;
  }

  async #readPending(wanted: boolean): Promise<void> {
    if (wanted === this.#readsPending) return;
    const level = wanted ? 'READ UNCOMMITTED' : 'READ COMMITTED';
    await this.#send(`SET SESSION TRANSACTION ISOLATION LEVEL ${level}`, []);
    this.#witness?.isolation(level.replace(' ', '-'));
    this.#readsPending = wanted;
  }

  async #send<T extends SqlRow>(
    sql: string,
    values: readonly SqlValue[],
    bounds: AnswerBounds = this.#answer,
    asked: Asked | null = null,
  ): Promise<T[]> {
    const { rows, refused } = await this.#exchange([{ sql, asked }], values, bounds);
    if (refused !== null) throw refused as Error;
    return rows[0] as T[];
  }

  /**
   * Rows are taken one by one, so that an answer without an end is noticed before it fills the memory; each answer has
   * its own bounds.
   */
  #exchange(
    sent: readonly Sent[],
    values: readonly SqlValue[],
    { bytes, rows: maxRows }: AnswerBounds = this.#answer,
  ): Promise<Answers> {
    const sql = sent.map(({ sql, asked }) => asked?.sql ?? sql).join('; ');
    // What the columns are called comes first, and no server knows a table of more.
    this.#intake.allow(Math.min(bytes, columnBytes));
    this.#tooLong = `its answer is longer than ${mebibytes(bytes)} MB`;
    return new Promise<Answers>((resolve, reject) => {
      this.#abandon = reject;
      const answers: SqlRow[][] = [];
      let rows: SqlRow[] = [];
      let names: string[] = [];
      let asked: Asked | null = null;
      let other: string | null = null;
      let witnessed = false;
      let who = Infinity;
      let isSettled = false;
      // The driver says of a refusal that it is the end, too.
      const settle = (whole: number, refused: unknown): void => {
        if (isSettled) return;
        isSettled = true;
        this.#questions.sent(whole + (refused === null ? 0 : 1));
        if (other === null) resolve({ rows: answers.slice(0, whole), refused, witnessed });
        else reject(this.#otherAnswer(other));
      };
      // As arrays, since the driver trips over a column that is called like a property of every object.
      const statement = this.#driver.query({ sql, values: [...values], rowsAsArray: true });
      // What comes before it is whole; the driver counts the answers that it has read to their ends.
      statement.on('error', (error: unknown) => settle(resultIndexOf(statement), error));
      statement.on('fields', (fields: FieldPacket[] = []) => {
        if (answers.length === sent.length) this.#tooMuch('it answers more than it was asked');
        asked = sent[answers.length]?.asked ?? null;
        who = Infinity;
        rows = [];
        answers.push(rows);
        // The driver writes a program for them.
        if (fields.length > maxColumns) throw new RangeError(`it has ${fields.length} columns`);
        names = fields.map(({ name }) => name);
        this.#intake.allow(bytes);
        if (!asked) return;
        who = names.indexOf(asked.column);
        if (who < 0) other = '';
        else names.splice(who, 1);
      });
      statement.on('result', (values: unknown) => {
        // What is no row is the server's word that a statement without an answer is done.
        if (!Array.isArray(values)) return;
        if (rows.length >= maxRows) this.#tooMuch(`its answer has more than ${maxRows} rows`);
        else rows.push(named(names, values as SqlValue[], who));
        if (!asked) return;
        if (String(values[who]) === asked.expected) witnessed = true;
        else other ??= String(values[who]);
      });
      statement.on('end', () => {
        // Something in between took the first for all.
        if (answers.length < sent.length) other ??= '';
        settle(answers.length, null);
      });
    }).finally(() => {
      this.#abandon = null;
      this.#intake.allow(unaskedBytes);
      this.#tooLong = 'it sends what nobody asked for';
    });
  }

  /** What came cannot be taken as the answer to anything. */
  #tooMuch(reason: string): void {
    if (this.#closed) return;
    // What has been read from the socket already is not to be looked at any more.
    this.#driver.pause();
    this.destroy(unreadable(this.#config, this.#facts ? 'query' : 'connect', reason));
  }
}

function variablesIn(rows: SqlRow[]): Map<string, string> {
  return new Map(rows.map((row) => [String(row['Variable_name']), foreignText(String(row['Value'] ?? ''))]));
}

function questionsIn(rows: SqlRow[]): number {
  return Number(rows[0]?.['questions']);
}

function resultIndexOf(statement: object): number {
  return (statement as { _resultIndex: number })._resultIndex;
}

/** Rows share it, for a row made of null itself is a table of its own, at three times the memory. */
const nothing = Object.freeze(Object.create(null) as object);

/** By its columns' names, in an object that has no properties but those. */
function named(names: readonly string[], values: SqlValue[], skipped: number): SqlRow {
  const row = Object.create(nothing) as SqlRow;
  for (let i = 0; i < names.length; i++) row[names[i] as string] = values[i < skipped ? i : i + 1] ?? null;
  return row;
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1024 / 1024);
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
    // What TLS asks for by name; where to connect to is the socket's.
    host: nameOf(config),
    port: config.port,
    // The connection is made already; but over a socket servers take a password for safe, and want it as it is.
    ...(config.socket != null && { socketPath: config.socket }),
    user: config.user,
    connectTimeout,
    charset: 'utf8mb4',
    // Both, or big numbers are rounded, or come as numbers and strings in turn.
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    jsonStrings: true,
    // A SHOW goes with a SELECT that says who answers.
    multipleStatements: true,
    // None is ever prepared, and room for the default of 16,000 costs half a megabyte a connection.
    maxPreparedStatements: 1,
    // A server must not be able to ask for the files of this machine.
    flags: ['-LOCAL_FILES'],
    connectAttributes: { program_name: 'lockstep' },
    enableCleartextPlugin: isVerified(config.tls),
    ...(config.tls && { ssl: tlsOptions(config.tls) }),
  };
}

function nameOf({ host, tls }: ServerConfig): string {
  return tls?.serverName ?? host;
}

/** Under TLS it is the certificate that says to whom the password goes. */
function logins({ tls, serverPublicKey }: ServerConfig, password: string): ConnectionOptions {
  return tls === null && serverPublicKey !== null ? pinnedLogins(password, serverPublicKey) : { password };
}
