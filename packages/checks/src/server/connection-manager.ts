import { isDeepStrictEqual } from 'node:util';
import type { ConnectionConfig, ServerConfig } from '../config.ts';
import type { Logger } from '../log.ts';
import type { KnownServer, ServerState } from '../model/server.ts';
import type { Clock } from '../time/clock.ts';
import { Server } from './server.ts';

export interface ConnectionManagerOptions {
  servers: ServerConfig[];
  connection: ConnectionConfig;
  log: Logger;
  /** A server's state changed; `lastContact` alone does not count. */
  onChange: (state: ServerState) => void;
  /** What an earlier process knew of the servers, by name. */
  known?: ReadonlyMap<string, KnownServer>;
  clock?: Clock;
}

/** All servers by name. A server that is down does not keep the others, or the program, from starting. */
export class ConnectionManager {
  readonly #options: Pick<ConnectionManagerOptions, 'log' | 'onChange' | 'clock'>;
  readonly #servers = new Map<string, Server>();
  readonly #leaving = new Set<Promise<void>>();
  #connection: ConnectionConfig;
  #running = false;

  constructor({ servers, connection, known, ...options }: ConnectionManagerOptions) {
    this.#options = options;
    this.#connection = connection;
    this.#arrange(servers, known);
  }

  start(): void {
    this.#running = true;
    for (const server of this.#servers.values()) server.start();
  }

  /**
   * These are the servers from now on. One that is reached as before goes on with its connections, or is tried at once
   * if it has none; others are ended, and begun anew under their names, with what is `known` of them.
   */
  reconfigure(
    servers: ServerConfig[],
    connection: ConnectionConfig,
    known: ReadonlyMap<string, KnownServer>,
  ): void {
    const wanted = new Map(servers.map((config) => [config.name, config]));
    const other = !isDeepStrictEqual(connection, this.#connection);
    this.#connection = connection;
    for (const [name, server] of this.#servers) {
      const now = wanted.get(name);
      if (now && !other && sameServer(now, server.config)) {
        server.tryNow();
        continue;
      }
      this.#servers.delete(name);
      const left = server.stop().finally(() => this.#leaving.delete(left));
      this.#leaving.add(left);
    }
    this.#arrange(servers, known);
  }

  /** In the order of the configuration. */
  #arrange(servers: ServerConfig[], known?: ReadonlyMap<string, KnownServer>): void {
    const kept = new Map(this.#servers);
    this.#servers.clear();
    for (const config of servers) {
      this.#servers.set(config.name, kept.get(config.name) ?? this.#begin(config, known));
    }
    if (!this.#running) return;
    for (const [name, server] of this.#servers) if (!kept.has(name)) server.start();
  }

  #begin(config: ServerConfig, known?: ReadonlyMap<string, KnownServer>): Server {
    const server: Server = new Server({
      ...this.#options,
      config,
      connection: this.#connection,
      known: known?.get(config.name),
      // What one that is being ended has to say is not so any more.
      onChange: (state) => {
        if (this.#servers.get(config.name) === server) this.#options.onChange(state);
      },
    });
    return server;
  }

  /** As `known`, of what could be read only now. */
  recall(known: ReadonlyMap<string, KnownServer>): void {
    for (const [name, server] of this.#servers) {
      const before = known.get(name);
      if (before) server.recall(before);
    }
  }

  /** Throws on a name that is not configured: a mistake of the caller, not of the user. */
  get(name: string): Server {
    const server = this.#servers.get(name);
    if (!server) throw new Error(`no server is named ${name}`);
    return server;
  }

  /** Null for a name that is not configured. */
  state(name: string): ServerState | null {
    return this.#servers.get(name)?.state ?? null;
  }

  states(): ServerState[] {
    return [...this.#servers.values()].map((server) => server.state);
  }

  /** Resolves within 3 s, whatever hangs. */
  async stop(): Promise<void> {
    await Promise.all([...[...this.#servers.values()].map((server) => server.stop()), ...this.#leaving]);
  }
}

/** Whether both say the same way to a server. */
export function sameServer(a: ServerConfig, b: ServerConfig): boolean {
  const { password: _, ...one } = a;
  const { password: __, ...other } = b;
  return isDeepStrictEqual(one, other);
}
