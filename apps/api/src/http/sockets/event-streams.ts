import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Caller } from '../auth/authenticator.ts';
import type { Connections } from '../guard/connections.ts';
import { EventStreamSocket } from './event-stream-socket.ts';
import type { graphqlSockets } from './graphql-socket.ts';

interface EventStreamDeps {
  sockets: ReturnType<typeof graphqlSockets>;
  connections: Connections;
}

/** GraphQL sockets over plain HTTP: `/graphql/stream` is what one says, `/graphql/stream/ID` takes what it is told. */
export class EventStreams {
  readonly #deps: EventStreamDeps;
  readonly #open = new Map<string, { socket: EventStreamSocket; client: string }>();

  constructor(deps: EventStreamDeps) {
    this.#deps = deps;
  }

  /** Answers with a stream, which lasts as long as the connection. It was admitted before. */
  begin(answer: ServerResponse, caller: Caller, client: string, address: string): void {
    const { sockets, connections } = this.#deps;
    const id = randomBytes(24).toString('base64url');
    const socket = new EventStreamSocket(answer, id);
    this.#open.set(id, { socket, client });
    socket.once('close', () => this.#open.delete(id));
    sockets.open(socket, {
      caller,
      address,
      clientOf: () => client,
      onCaller: () => true,
      onGuess: () => {},
      onFed: () => connections.fed(client),
      cut: () => void answer.destroy(),
    });
  }

  /** Hands a message to a stream; false where this client has no such one. */
  tell(id: string, client: string, message: string): boolean {
    const stream = this.#open.get(id);
    if (stream?.client !== client) return false;
    stream.socket.hear(message);
    return true;
  }
}
