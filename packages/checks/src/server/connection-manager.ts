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
  readonly #servers: Map<string, Server>;

  constructor({ servers, known, ...shared }: ConnectionManagerOptions) {
    this.#servers = new Map(
      servers.map((config) => [
        config.name,
        new Server({ config, known: known?.get(config.name), ...shared }),
      ]),
    );
  }

  start(): void {
    for (const server of this.#servers.values()) server.start();
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
    await Promise.all([...this.#servers.values()].map((server) => server.stop()));
  }
}
