import mysql, { type Connection } from 'mysql2/promise';
import { patienceMs } from './patience.ts';

export type { Connection } from 'mysql2/promise';
export type Value = string | number | bigint | boolean | Date | Buffer | null;
// What a test reads from a row is the test's business.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Row = Record<string, any>;

export type Login = Account & ({ port: number } | { socket: string });

interface Account {
  user: string;
  password: string;
}

/** A new connection; big numbers, dates and decimals arrive as strings, several statements may go in one text. */
export async function connect({ user, password, ...at }: Login): Promise<Connection> {
  const connection = await mysql.createConnection({
    ...('socket' in at ? { socketPath: at.socket } : { host: '127.0.0.1', port: at.port }),
    user,
    password,
    charset: 'utf8mb4',
    supportBigNumbers: true,
    dateStrings: true,
    multipleStatements: true,
    connectTimeout: patienceMs,
    // None is ever prepared, and room for the default of 16,000 is made anew for each connection.
    maxPreparedStatements: 1,
  });
  // Whoever uses it hears of its end from the next statement; an idle one that is cut off must not end the process.
  return connection.on('error', () => undefined);
}

/** Identifier in backticks; a dot does not split it. */
export function id(name: string): string {
  return mysql.escapeId(name, true);
}

export function text(value: string | number): string {
  return mysql.escape(value);
}

/** One connection that opens when first used and opens again after it was lost. */
export class Session {
  readonly #login: Login;
  #connection: Promise<Connection> | null = null;

  constructor(login: Login) {
    this.#login = login;
  }

  async query<T extends object = Row>(sql: string, values: readonly Value[] = []): Promise<T[]> {
    const connection = await this.#open();
    const [rows] = await connection.query(sql, [...values]);
    return rows as T[];
  }

  /** Safe on a dead or frozen server. */
  close(): void {
    this.#connection?.then((connection) => connection.destroy()).catch(() => undefined);
    this.#connection = null;
  }

  #open(): Promise<Connection> {
    if (this.#connection) return this.#connection;
    const opening = connect(this.#login);
    const forget = () => {
      if (this.#connection === opening) this.#connection = null;
    };
    opening.then((connection) => connection.on('error', forget).on('end', forget)).catch(forget);
    this.#connection = opening;
    return opening;
  }
}
