import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Connection, createConnection, type Query } from 'mysql2';
import type { ServerConfig } from '../config.ts';
import { endpointOf } from './address.ts';
import { unaskedBytes } from './answer-bounds.ts';
import { driverOptions, nameOf } from './driver-options.ts';
import { faultFrom, type Phase, unreadable } from './faults.ts';
import { foreignText } from './foreign-text.ts';
import { greetedVersion } from './greeting.ts';
import { Intake } from './intake.ts';
import { tolerateDisorder } from './packet-order.ts';
import type { ServerFault, SqlValue } from './sql-server.ts';

/**
 * How long one of a name's addresses is waited for before the next is tried, which then is the only one that counts.
 * Node's own limit is shorter than the way to another continent, and than a second, after which what was lost is sent
 * again.
 */
const addressMs = 1_500;
const keepAliveMs = 30_000;
/** Packets that came out of their order; one alone is how some say that they end a connection. */
const maxOutOfOrder = 3;
/**
 * `COM_QUIT`, as a packet. Servers count who leaves without a word (`Aborted_clients`), and MariaDB has a warning for
 * each in its log.
 */
const farewell = Buffer.from([1, 0, 0, 0, 1]);
/** What the columns of an answer may take: those of the widest table, with names of the greatest length. */
const columnBytes = 4 * 1024 * 1024;

/**
 * The driver and its socket: what comes is counted from the first byte on, and whatever is waited for ends when the
 * connection does.
 */
export class Wire {
  readonly #driver: Connection;
  readonly #socket: Socket;
  readonly #config: ServerConfig;
  readonly #intake = new Intake(unaskedBytes, () => this.tooMuch(this.#tooLong));
  #tooLong = 'it sends more than belongs to a login';
  #outOfOrder = 0;
  #abandon: ((fault: unknown) => void) | null = null;
  #closed = false;
  /** Logged in, and nothing is asked. */
  #atRest = false;
  /** Why, where the driver said it; it has other words for who asks after that. */
  #endedBy: Error | null = null;
  /** The driver keeps it of logins that succeed. */
  #greeting: string | null = null;
  /** Until it is known what server this is, whatever comes is about connecting. */
  phase: Phase = 'connect';
  /** On Node's monotonic clock. */
  readonly openedAt = performance.now();
  /** Called when the other side closes it. */
  onLost: (() => void) | null = null;

  constructor(config: ServerConfig, password: string) {
    this.#config = config;
    this.#socket = connect({
      ...endpointOf(config),
      noDelay: true,
      keepAlive: true,
      // Of one that is silent nothing else would tell that its machine was started anew.
      keepAliveInitialDelay: keepAliveMs,
      autoSelectFamilyAttemptTimeout: addressMs,
    });
    // For TLS, Node checks the certificate against this undocumented field, which it leaves empty for an IP address:
    // it would check against 'localhost' then.
    (this.#socket as { _host?: string })._host = nameOf(config);
    this.#driver = createConnection({
      ...driverOptions(config, password),
      stream: () => this.#socket,
    });
    // Errors between statements: without a listener they would end the process.
    this.#driver.on('error', (error) => {
      this.#endedBy ??= error;
      this.#abandon?.(error);
      this.#lost();
    });
    this.#driver.on('end', () => this.#lost());
    tolerateDisorder(this.#driver, () => {
      if (++this.#outOfOrder > maxOutOfOrder) this.tooMuch('its packets are out of order');
    });
    this.#intake.watch(this.#socket);
    this.#socket.once('data', (packet: Buffer) => (this.#greeting = greetedVersion(packet)));
    // Comes behind the driver, which puts TLS over the socket as soon as it has read the greeting.
    this.#socket.on('data', () => {
      if (this.#stream !== this.#socket) this.#intake.watch(this.#stream);
    });
  }

  /** What the driver writes to: the socket, or the TLS over it. */
  get #stream(): Duplex {
    return (this.#driver as unknown as { stream: Duplex }).stream;
  }

  get threadId(): number {
    return this.#driver.threadId;
  }

  /** Somebody has taken the connection, if only his kernel. */
  get stands(): boolean {
    return !this.#closed && !this.#socket.connecting && !this.#socket.destroyed;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The version in the server's first packet; null until it has come. */
  get greeting(): string | null {
    return this.#greeting;
  }

  /** The version that the server greeted with, after a login that succeeded. */
  get greeted(): string {
    type Greeted = { _handshakePacket?: { serverVersion?: string } | null };
    return foreignText((this.#driver as unknown as Greeted)._handshakePacket?.serverVersion ?? '');
  }

  handshake(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#abandon = reject;
      this.#driver.once('connect', () => {
        this.#atRest = true;
        resolve();
      });
      this.#driver.once('error', reject);
    });
  }

  /**
   * Sends a text; `read` listens to what the driver says of it, and settles. An answer may have so many bytes, and as
   * many more from each `allow` on.
   */
  ask<T>(
    sql: string,
    values: readonly SqlValue[],
    bytes: number,
    read: (statement: Query, resolve: (answer: T) => void, reject: (reason: unknown) => void) => void,
  ): Promise<T> {
    if (this.#endedBy !== null) return Promise.reject(this.#endedBy);
    // What the columns are called comes first, and no server knows a table of more.
    this.#intake.allow(Math.min(bytes, columnBytes));
    this.#tooLong = `its answer is longer than ${mebibytes(bytes)} MB`;
    this.#atRest = false;
    return new Promise<T>((resolve, reject) => {
      this.#abandon = reject;
      // As arrays, since the driver trips over a column that is called like a property of every object.
      const answered = (answer: T) => {
        this.#atRest = true;
        resolve(answer);
      };
      read(this.#driver.query({ sql, values: [...values], rowsAsArray: true }), answered, reject);
    }).finally(() => {
      this.#abandon = null;
      this.#intake.allow(unaskedBytes);
      this.#tooLong = 'it sends what nobody asked for';
    });
  }

  /** From now on so much more. */
  allow(bytes: number): void {
    this.#intake.allow(bytes);
  }

  /** What came cannot be taken as the answer to anything. */
  tooMuch(reason: string): void {
    if (this.#closed) return;
    // What has been read from the socket already is not to be looked at any more.
    this.#driver.pause();
    this.destroy(unreadable(this.#config, this.phase, reason));
  }

  /** Closes the socket at once; what is waited for rejects with `reason`. */
  destroy(reason?: ServerFault): void {
    if (this.#atRest && !this.#closed) this.#stream.write(farewell);
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
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1024 / 1024);
}
