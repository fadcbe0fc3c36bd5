import type { Flavour } from './flavour.ts';
import { connect, type Connection, type Row, Session, type Value } from './sql.ts';

export interface Credentials {
  user: string;
  password: string;
}

/** Everything it takes to reach a running server; plain data, so that it can be handed to another process. */
export interface ServerInfo {
  flavour: Flavour;
  /** e.g. [9, 7, 4]. */
  version: [number, number, number];
  host: '127.0.0.1';
  port: number;
  socket: string;
  rootUser: 'root';
  rootPassword: string;
  /** Least privileges: may see replication; SELECT only where `grantMonitor` gave it. */
  monitor: Credentials;
  /** Replicas log in as this. */
  replication: Credentials;
}

/** A running server, to talk to. */
export class ServerHandle implements ServerInfo {
  readonly flavour: Flavour;
  readonly version: [number, number, number];
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly socket: string;
  readonly rootUser = 'root';
  readonly rootPassword: string;
  readonly monitor: Credentials;
  readonly replication: Credentials;
  protected readonly session: Session;
  readonly #lent = new Set<Connection>();

  constructor(info: ServerInfo) {
    this.flavour = info.flavour;
    this.version = info.version;
    this.port = info.port;
    this.socket = info.socket;
    this.rootPassword = info.rootPassword;
    this.monitor = info.monitor;
    this.replication = info.replication;
    this.session = new Session({ port: info.port, user: 'root', password: info.rootPassword });
  }

  /** As root, on one connection of its own: session state (`USE`, `SET sql_log_bin`) stays from call to call. */
  query<T extends object = Row>(sql: string, values?: readonly Value[]): Promise<T[]> {
    return this.session.query<T>(sql, values);
  }

  /** A new root connection, e.g. to hold a lock with; the caller ends it, or `disconnect`. */
  async connect(): Promise<Connection> {
    const connection = await connect({ port: this.port, user: 'root', password: this.rootPassword });
    this.#lent.add(connection);
    connection.on('end', () => this.#lent.delete(connection));
    return connection;
  }

  /** Closes what `query` and `connect` opened, with the locks and the session state of it; the server runs on. */
  disconnect(): void {
    this.session.close();
    for (const connection of this.#lent) connection.destroy();
    this.#lent.clear();
  }

  info(): ServerInfo {
    const { flavour, version, host, port, socket, rootUser, rootPassword, monitor, replication } = this;
    return { flavour, version, host, port, socket, rootUser, rootPassword, monitor, replication };
  }
}
