import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Engine, Logger } from '@lockstep/checks';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { PubSub } from '../../pubsub/pubsub.ts';
import type { Authenticator, Caller } from '../auth/authenticator.ts';
import { expectedFailure } from '../expected-failure.ts';
import { type Addresses, clientOf } from '../guard/client.ts';
import type { Connection, Connections } from '../guard/connections.ts';
import type { Guesses } from '../guard/guesses.ts';
import { Lobby } from '../guard/lobby.ts';
import { notAdmitted, type Origins } from '../guard/origins.ts';
import { takenFrom } from '../guard/taken.ts';
import type { WaitingRoom } from '../guard/waiting-room.ts';
import { errorBody, guessedTooOften, signInFirst, unknownToken } from '../json-error.ts';
import { eventFilter, sendEvents } from './event-socket.ts';
import type { graphqlSockets } from './graphql-socket.ts';
import { closeCodes, guard } from './socket.ts';
import { framing } from './text-frame.ts';

interface UpgradeDeps {
  engine: Engine;
  pubsub: PubSub;
  graphql: ReturnType<typeof graphqlSockets>;
  authenticator: Authenticator;
  origins: Origins;
  connections: Connections;
  addresses: Addresses;
  guesses: Guesses;
  waitingRoom: WaitingRoom;
  log: Logger;
}

/** A refusal before the protocol changes: an ordinary HTTP answer. */
class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** GraphQL sockets whose clients have not said yet who they are. */
const roomForStrangers = { room: 256, perAddress: 64 };

/** How long who is refused may take to read that. */
const refusalMs = 1_000;

/** WebSockets on the HTTP server: GraphQL on `/graphql`, plain events on `/ws`. */
export function acceptSockets(server: Server, deps: UpgradeDeps): void {
  const { engine, graphql, authenticator, origins, connections, addresses, guesses, waitingRoom, log } = deps;
  const strangers = new Lobby(roomForStrangers);
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: 64 * 1024,
    // Nobody cuts such a message into more; those that hold nothing would be taken apart by thousands in one turn.
    maxFragments: 128,
    // Each byte that comes alone is kept by itself until its frame is whole.
    maxBufferedChunks: 1_024,
    perMessageDeflate: false,
    // Else thousands of small messages that came together are all worked on before anything else has its turn.
    allowSynchronousEvents: false,
    handleProtocols: (offered) =>
      offered.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) ? GRAPHQL_TRANSPORT_WS_PROTOCOL : false,
  });

  server.on('upgrade', (request, stream, head) => {
    const ignoreErrors = () => {};
    stream.on('error', ignoreErrors);
    try {
      const serve = route(request);
      const address = addresses.of(request);
      const cut = () => stream.destroy();
      const unread = () => stream.writableLength;
      const connection: Connection = {
        caller: identify(request),
        close: cut,
        cut,
        unread,
        taken: () => takenFrom(stream),
      };
      if (serve.needsCaller && !connection.caller) throw new Refusal(401, 'UNAUTHENTICATED', signInFirst);
      if (connection.caller) {
        const release = connections.admit(clientOf(connection.caller, address), connection);
        if (!release) throw new Refusal(429, 'TOO_MANY', connections.tooMany);
        stream.once('close', release);
      }
      const noStranger = connection.caller ? () => {} : strangers.enter(address, stream);
      stream.once('close', noStranger);
      waitingRoom.admitted(request.socket);
      sockets.handleUpgrade(request, stream, head, (socket) => {
        stream.off('error', ignoreErrors);
        guard(socket, stream, log);
        connection.close = (reason) => {
          if (reason === 'stopping') socket.close(closeCodes.goingAway, 'The service is stopping');
          else socket.close(closeCodes.forbidden, 'The session has ended');
        };
        connection.unread = () => socket.bufferedAmount;
        serve.open(socket, stream, connection, (caller) => {
          noStranger();
          const before = connection.caller;
          if (before && before !== caller) {
            // Who says by a token who they are besides stays for as long as they may by both.
            connection.caller = { ...caller, stillValid: () => before.stillValid() && caller.stillValid() };
          }
          if (before) return true;
          connection.caller = caller;
          const release = connections.admit(clientOf(caller, address), connection);
          if (release) stream.once('close', release);
          return release !== null;
        });
      });
    } catch (error) {
      refuse(stream, error, log);
    }
  });

  function route(request: IncomingMessage) {
    const { host, origin } = request.headers;
    if (!origins.mayBeCalled(host)) throw new Refusal(403, 'FORBIDDEN', notAdmitted.host);
    if (!origins.mayCall(origin, host)) {
      throw new Refusal(403, 'FORBIDDEN', notAdmitted.originFor(origin, host));
    }
    const url = URL.parse(request.url ?? '/', 'http://localhost');
    if (!url) throw new Refusal(400, 'INVALID', 'This address cannot be read.');
    if (url.pathname === '/graphql') {
      return {
        // The token may also come in the first message.
        needsCaller: false,
        open: (
          socket: WebSocket,
          stream: Duplex,
          connection: Connection,
          onCaller: (caller: Caller) => boolean,
        ) =>
          graphql.open(framing(socket, stream), {
            caller: connection.caller,
            address: addresses.of(request),
            clientOf: (caller) => clientOf(caller, addresses.of(request)),
            onCaller,
            onGuess: () => guesses.wrong(addresses.of(request)),
            onFed: (caller) => connections.fed(clientOf(caller, addresses.of(request))),
            cut: connection.cut,
          }),
      };
    }
    if (url.pathname === '/ws') {
      const filter = eventFilter(engine, url.searchParams);
      return {
        needsCaller: true,
        open: (socket: WebSocket, stream: Duplex) => {
          sendEvents(socket, stream, deps, filter).catch((error: unknown) => {
            log.error({ err: error }, 'an event stream failed');
            socket.close(1011, 'Unexpected error');
          });
        },
      };
    }
    throw new Refusal(404, 'NOT_FOUND', 'There is no WebSocket here; there are /graphql and /ws.');
  }

  function identify(request: IncomingMessage): Caller | null {
    const { authorization, cookie } = request.headers;
    const credentials = { authorization, cookie, request };
    const caller = authenticator.byHeaders(credentials);
    const refused = caller ? null : authenticator.refused(credentials);
    if (refused) throw new Refusal(403, 'FORBIDDEN', refused.why);
    if (!caller && authenticator.givesToken(credentials)) {
      if (guesses.wrong(addresses.of(request))) throw new Refusal(429, 'TOO_MANY', guessedTooOften);
      throw new Refusal(401, 'UNAUTHENTICATED', unknownToken);
    }
    return caller;
  }
}

function refuse(stream: Duplex, error: unknown, log: Logger): void {
  const refusal =
    error instanceof Refusal
      ? error
      : (expectedFailure(error) ?? new Refusal(500, 'INTERNAL', 'Unexpected error.'));
  if (refusal.status === 500) log.error({ err: error }, 'an upgrade to WebSocket failed');
  const body = JSON.stringify(errorBody(refusal.code, refusal.message));
  // An upgraded stream is out of the server's timeouts: who was refused and does not go would stay for ever.
  const leave = setTimeout(() => stream.destroy(), refusalMs);
  stream.once('close', () => clearTimeout(leave));
  stream.end(
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\n` +
      'Connection: close\r\nContent-Type: application/json\r\n' +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => stream.destroy(),
  );
}
