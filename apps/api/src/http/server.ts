import type { IncomingMessage, Server } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Engine, Logger, Reconfigured } from '@lockstep/checks';
import type { Audit } from '../audit.ts';
import type { HttpConfig } from '../config/loaded.ts';
import { isLoopback } from '../config/loopback.ts';
import { EventLoopDelay } from '../event-loop-delay.ts';
import type { EffectiveConfig } from '../graphql/config.ts';
import type { Notifications } from '../notify/notifications.ts';
import { pageFolder as builtPage } from '../place.ts';
import type { PubSub } from '../pubsub/pubsub.ts';
import type { Traces } from '../tracing/traces.ts';
import { buildApp } from './app.ts';
import { Authenticator } from './auth/authenticator.ts';
import { ProxyHeader } from './auth/proxy-header.ts';
import type { SessionStore } from './auth/sessions.ts';
import { belowBase } from './base-path.ts';
import { createApiYoga } from './graphql/yoga.ts';
import { Addresses } from './guard/client.ts';
import { Connections } from './guard/connections.ts';
import { Guesses } from './guard/guesses.ts';
import { Memory } from './guard/memory.ts';
import { Origins } from './guard/origins.ts';
import { roomInFiles, sparePlaces } from './guard/room-in-files.ts';
import { WaitingRoom } from './guard/waiting-room.ts';
import { EventStreams } from './sockets/event-streams.ts';
import { graphqlSockets } from './sockets/graphql-socket.ts';
import { acceptSockets } from './sockets/upgrade.ts';

export interface HttpDeps {
  engine: Engine;
  pubsub: PubSub;
  notifications: Notifications;
  /** What the page shows of the configuration. */
  settings: EffectiveConfig;
  /** Takes up the configuration as it is written now; absent where there is no file. */
  reload?: ((by: string) => Promise<Reconfigured>) | undefined;
  /** Where those who signed in are kept; without it they sign in again after a restart. */
  sessions?: SessionStore;
  /** Where it is kept who did what. */
  audit: Audit;
  version: string;
  log: Logger;
  traces?: Traces | undefined;
  /** How many files the process may have open; by default as the system says. */
  openFiles?: number;
  /** Where the dashboard's build lies; by default next door. */
  pageFolder?: string;
  /** How long a GraphQL socket may be open before its client says who is here. */
  initTimeoutMs?: number | undefined;
}

export interface HttpService {
  /** e.g. `http://127.0.0.1:8080`, the base path included. */
  address: string;
  /** These may sign in from now on; what was opened by others is closed. */
  admit: (http: Pick<HttpConfig, 'auth' | 'publicUrl'>) => void;
  /** Closes every socket with 1001 and every connection, within two seconds. */
  stop: () => Promise<void>;
}

/** The service cannot listen, or must not; the message is for the person who started it. */
export class ListenError extends Error {
  override name = 'ListenError';
}

const sweepMs = 5_000;
/** TCP connections that are not being served. */
const lobbyRoom = 1_000;

/** Everything that Lockstep answers over the network: one port. Rejects with ListenError. */
export async function startHttp(config: HttpConfig, deps: HttpDeps): Promise<HttpService> {
  const { engine, pubsub, notifications, settings, reload, audit, version, log } = deps;
  const { pageFolder = builtPage, initTimeoutMs } = deps;
  if (config.auth.kind === 'none' && !config.auth.explicit && !isLoopback(config.host)) {
    throw new ListenError(
      `Not listening on ${config.host}, which other machines can reach, without http.auth: give tokens, or auth: none to let everybody in.`,
    );
  }
  const { basePath } = config;
  const addresses = new Addresses(config.trustedProxies);
  const proxied = new ProxyHeader(addresses, log);
  const authenticator = new Authenticator(config, proxied, deps.sessions);
  const origins = new Origins(config);
  const sockets = roomInFiles(
    { served: config.maxConnections, waiting: lobbyRoom },
    engine.servers().length,
    deps.openFiles,
  );
  if (sockets.served < config.maxConnections) {
    log.warn(
      { maxConnections: config.maxConnections },
      `at most ${sockets.served} connections are served at a time: the process may have few open files (ulimit -n, LimitNOFILE), and those that measuring needs are set aside`,
    );
  }
  const room = { inAll: sockets.served, perClient: config.maxConnectionsPerClient };
  const connections = new Connections(room);
  const memory = new Memory(room);
  const guesses = new Guesses(log, audit);
  const waitingRoom = new WaitingRoom(sockets.waiting);
  const yoga = createApiYoga({
    api: { engine, pubsub, notifications, config: settings, reload, audit, version },
    introspection: config.graphiql,
    log,
  });
  const graphql = graphqlSockets({ yoga, authenticator, memory, initTimeoutMs, log });
  const streams = new EventStreams({ sockets: graphql, connections });
  const loopDelay = new EventLoopDelay();
  const app = buildApp({
    engine,
    version,
    notifications,
    loopDelay,
    yoga,
    authenticator,
    origins,
    connections,
    memory,
    addresses,
    guesses,
    audit,
    admitted: (socket) => waitingRoom.admitted(socket),
    graphiql: config.graphiql,
    pageFolder,
    basePath,
    streams,
    traces: deps.traces,
    log,
  });

  const server = createAdaptorServer({
    fetch: app.fetch,
    // For who names no host, as HTTP/1.0 may. No browser is among them.
    hostname: 'localhost',
    serverOptions: {
      headersTimeout: 5_000,
      requestTimeout: 15_000,
      connectionsCheckingInterval: 1_000,
      // Longer than proxies keep theirs, or one of them asks in the moment in which it is closed here, and answers 502.
      // Who waits for nothing makes room for who comes.
      keepAliveTimeout: 75_000,
      maxHeaderSize: 16_384,
      // Another protocol that a client would also speak (HTTP/2 in clear) is an offer, which may be passed over.
      shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
    },
  }) as Server;
  // Who waits makes room for who comes, so that this is never reached by them.
  server.maxConnections = sockets.served + sockets.waiting + sparePlaces;
  server.on('connection', (socket) => waitingRoom.enter(socket));
  acceptSockets(server, {
    engine,
    pubsub,
    graphql,
    authenticator,
    origins,
    connections,
    addresses,
    guesses,
    waitingRoom,
    log,
  });
  // Before all others that listen for these, so that below here nobody has to know of it.
  for (const event of ['request', 'upgrade']) {
    server.prependListener(event, (request: IncomingMessage) => {
      request.url = belowBase(request.url ?? '/', basePath);
    });
  }
  await listen(server, config);
  const sweeping = setInterval(() => connections.sweep(), sweepMs);

  return {
    address: addressOf(server.address() as AddressInfo) + basePath,
    admit: (http) => {
      authenticator.admit(http);
      connections.sweep();
    },
    stop: async () => {
      clearInterval(sweeping);
      loopDelay.stop();
      const closed = new Promise((resolve) => server.close(resolve));
      connections.closeAll();
      server.closeIdleConnections();
      const impatient = setTimeout(() => {
        server.closeAllConnections();
        connections.cutAll();
      }, 1_500);
      await closed;
      clearTimeout(impatient);
    },
  };
}

function listen(server: Server, { host, port }: HttpConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new ListenError(explained(error, host, port), { cause: error })),
    );
    server.listen(port, host, resolve);
  });
}

function explained(error: NodeJS.ErrnoException, host: string, port: number): string {
  const where = `port ${port} of ${host}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return `Cannot listen on ${where}: another program does already. End it, or choose another with http.port.`;
    case 'EACCES':
      return `Cannot listen on ${where}: the system does not allow it. Choose a port above 1023 with http.port.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `Cannot listen on ${where}: this machine has no such address. Choose another with http.host.`;
    default:
      return `Cannot listen on ${where}: ${error.message}`;
  }
}

function addressOf({ address, port }: AddressInfo): string {
  return `http://${isIPv6(address) ? `[${address}]` : address}:${port}`;
}
