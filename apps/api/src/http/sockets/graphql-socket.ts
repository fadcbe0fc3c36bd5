import { beginOf, type Logger, whenListened } from '@lockstep/checks';
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
} from 'graphql';
import { makeServer, type OperationResult } from 'graphql-ws';
import { turns } from '../../turns.ts';
import type { Authenticator, Caller } from '../auth/authenticator.ts';
import { longAnswer, tooManyWait } from '../graphql/long-answers.ts';
import { isLong } from '../graphql/result-text.ts';
import { flowOf } from '../graphql/shared-execution.ts';
import type { ApiYoga } from '../graphql/yoga.ts';
import type { Memory } from '../guard/memory.ts';
import { type Held, HeldBySocket } from './held.ts';
import { inOneText, textOf } from './in-one-text.ts';
import { OneByOne } from './one-by-one.ts';
import { closeCodes, isBacklogged, send, taken, type Wire } from './socket.ts';

interface Extra {
  socket: Wire;
  /** Known from the headers of the upgrade, or else from the first message. */
  caller: Caller | null;
  /** Where it comes from. */
  address: string;
  /** By what the caller's share is counted. */
  clientOf: (caller: Caller) => string;
  /** Called once they said who they are; false when they have too many connections. */
  onCaller: (caller: Caller) => boolean;
  /** Called for a token that is not known. */
  onGuess: () => void;
  /** Called when an answer was handed over. */
  onFed: (caller: Caller) => void;
  /** Ends it at once. */
  cut: () => void;
}

interface Opened extends Extra {
  questions: OneByOne;
  held: HeldBySocket;
  /** Called once they have begun to say who they are. */
  onInit: () => void;
  /** The message that is handled; null before the first. */
  asking: Asking | null;
}

interface Asking {
  /** Lets the next question of the socket begin; called when this one is answered, at the latest. */
  end: () => void;
  /** What the message holds in memory, as long as what it asks for is not over. */
  held: Held;
}

interface GraphqlSocketDeps {
  yoga: ApiYoga;
  authenticator: Authenticator;
  memory: Memory;
  /** How long nobody needs to say who is here. */
  initTimeoutMs?: number | undefined;
  log: Logger;
}

/** A slow client needs some seconds; how many may wait here at a time is bounded (`roomForStrangers`). */
const usualInitTimeoutMs = 15_000;
const perSocket = 100;
/** Those that are over to the client, and not yet here, among them. */
const messagesPerSocket = 2 * perSocket;
const tooMuch = 'This connection asks for too much at a time';
/** As many bytes as the protocol has room for. */
const longestReason = 123;

/** GraphQL over WebSocket (graphql-transport-ws), executed by the same yoga as over HTTP. */
export function graphqlSockets(deps: GraphqlSocketDeps) {
  const { yoga, authenticator, memory, initTimeoutMs = usualInitTimeoutMs, log } = deps;
  let strangers = 0;
  const server = makeServer<Record<string, unknown>, Opened>({
    // A timer of the library's own would be due before what came while this process was held up.
    connectionInitWaitTimeout: 0,

    onConnect: (context) => {
      const { extra, connectionParams } = context;
      extra.onInit();
      // Whatever else came with it would be in memory for as long as the socket is open.
      delete (context as { connectionParams?: unknown }).connectionParams;
      const authorization = connectionParams?.['authorization'] ?? connectionParams?.['Authorization'];
      if (typeof authorization === 'string') {
        extra.caller = authenticator.byAuthorization(authorization);
        if (!extra.caller) extra.onGuess();
      }
      if (!extra.caller?.stillValid()) return false;
      if (extra.onCaller(extra.caller)) return true;
      extra.socket.close(closeCodes.tooMany, 'Too many connections are open');
      return false;
    },

    onSubscribe: async ({ extra, subscriptions }, _id, params) => {
      if (!extra.caller?.stillValid()) return refuse(extra, closeCodes.forbidden, 'Forbidden');
      if (Object.keys(subscriptions).length > perSocket) {
        return refuse(
          extra,
          closeCodes.tooMany,
          `At most ${perSocket} operations at a time on one connection`,
        );
      }
      const asking = extra.asking!;
      // Who does not take what was answered is answered nothing more: what is still being answered counts, too.
      asking.end = await extra.questions.next();
      await taken(extra.socket);
      // Who has gone is answered nothing: all that they asked would be in memory until it was.
      if (extra.socket.readyState !== extra.socket.OPEN) return [new GraphQLError('Nobody is here.')];
      // Of many sockets each has one that begins now.
      if (turns.exhausted()) await turns.next(extra.clientOf(extra.caller));
      try {
        const enveloped = yoga.getEnveloped({
          caller: extra.caller,
          client: extra.clientOf(extra.caller),
          address: extra.address,
          params,
        }) as Enveloped;
        const { schema, execute, subscribe, contextFactory, parse, validate } = enveloped;
        const document = parse(params.query);
        const errors = validate(schema, document);
        if (errors.length > 0) return errors.map(withoutStatus);
        const operation = getOperationAST(document, params.operationName);
        if (operation?.operation === 'subscription') {
          asking.end();
          if (!extra.held.opened(asking.held, document)) {
            return refuse(extra, closeCodes.tooMany, tooMuch);
          }
        }
        if (!operation) {
          return [new GraphQLError('There is no operation of that name, or more than one without a name.')];
        }
        return {
          schema,
          document,
          operationName: params.operationName,
          variableValues: params.variables,
          contextValue: await contextFactory(),
          rootValue: { execute, subscribe },
        };
      } catch (error) {
        if (error instanceof GraphQLError) return [withoutStatus(error)];
        log.error({ err: error }, 'GraphQL over WebSocket failed');
        return [new GraphQLError('Unexpected error.')];
      }
    },

    onOperation: ({ extra }, id, _params, { contextValue }, results) => {
      const source =
        Symbol.asyncIterator in results ? results : isLong(results) ? only(results, clientOf(extra)) : null;
      if (!source) return;
      const send = (parts: readonly Buffer[]) => feed(extra, (sent) => extra.socket.sendParts(parts, sent));
      return inOneText(source as AsyncIterable<ExecutionResult>, {
        id,
        send,
        flow: flowOf(contextValue as object),
      });
    },

    // What yoga gave above carries its plugins: limits, masking and their log.
    execute: (args) => (args.rootValue as Enveloped).execute(args),
    subscribe: (args) => (args.rootValue as Enveloped).subscribe(args),
  });

  return {
    open(socket: Wire, asker: Omit<Extra, 'socket'>): void {
      const held = new HeldBySocket(messagesPerSocket, (client) => memory.enter(client, asker.cut));
      // Each of those who have not said yet who they are is somebody else.
      const stranger = `stranger ${++strangers}`;
      const clientNow = () => (extra.caller ? extra.clientOf(extra.caller) : stranger);
      const onInit = whenListened(initTimeoutMs, () =>
        socket.close(closeCodes.tooLate, 'Nobody said who is here'),
      );
      const extra: Opened = { socket, ...asker, questions: new OneByOne(), held, onInit, asking: null };
      const closed = server.opened(
        {
          protocol: socket.protocol,
          send: (data) => feed(extra, (sent) => socket.send(data, { binary: false }, sent)),
          close: (code, reason) => socket.close(code, reason && shortened(reason)),
          onPing: (payload) => feed(extra, (sent) => socket.send(pongTo(payload), { binary: false }, sent)),
          onMessage: (handle) =>
            socket.on('message', (data: Buffer) => {
              const own = held.take(data, isBacklogged(socket), clientNow());
              if (!own) return socket.close(closeCodes.tooMany, tooMuch);
              const asking: Asking = { end: () => {}, held: own };
              extra.asking = asking;
              handle(data.toString())
                .catch((error: unknown) => {
                  if (isOfServers(error)) socket.close(closeCodes.badRequest, 'Invalid message received');
                  else {
                    log.error({ err: error }, 'a GraphQL message could not be handled');
                    socket.close(1011, 'Unexpected error');
                  }
                })
                .finally(() => {
                  asking.end();
                  held.leave(own);
                });
            }),
        },
        extra,
      );
      socket.once('close', (code, reason) => {
        onInit();
        held.end();
        closed(code, reason.toString()).catch((error: unknown) =>
          log.error({ err: error }, 'a GraphQL connection did not close in order'),
        );
      });
    },
  };
}

/** With what came with the ping, unless that is nested deeper than it can be written. */
function pongTo(payload: unknown): string {
  try {
    return JSON.stringify({ type: 'pong', ...(payload ? { payload } : {}) });
  } catch {
    return '{"type":"pong"}';
  }
}

/** Of the library, which quotes what the client calls its operation. */
function shortened(reason: string): string {
  // No character of these takes more than three bytes, nor does the sign that some are left out.
  return Buffer.byteLength(reason) <= longestReason ? reason : `${beginOf(reason, longestReason / 3 - 1)}…`;
}

/** The library throws for what only servers say, in these words: as wrong as other messages, and no error of ours. */
function isOfServers(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Unexpected message of type ');
}

/** Its text is made before it is sent. */
async function* only(result: ExecutionResult, client: string): AsyncGenerator<ExecutionResult> {
  const made = await longAnswer(client);
  if (!made) {
    yield { errors: [tooManyWait()] };
    return;
  }
  try {
    await textOf(result, false);
  } finally {
    made();
  }
  yield result;
}

function clientOf({ caller, clientOf: of }: Extra): string {
  return caller ? of(caller) : '';
}

function feed({ socket, caller, onFed }: Extra, hand: (sent?: () => void) => void): Promise<void> | void {
  const sent = send(socket, hand);
  if (caller && socket.bufferedAmount > 0) onFed(caller);
  return sent;
}

/** What yoga gives for one operation; it leaves the types to its user. */
interface Enveloped {
  schema: GraphQLSchema;
  parse: (query: string) => DocumentNode;
  validate: (schema: GraphQLSchema, document: DocumentNode) => readonly GraphQLError[];
  contextFactory: () => Promise<object>;
  execute: (args: ExecutionArgs) => OperationResult;
  subscribe: (args: ExecutionArgs) => OperationResult;
}

function refuse({ socket }: Extra, code: number, reason: string): readonly GraphQLError[] {
  socket.close(code, reason);
  return [new GraphQLError(reason)];
}

/** Yoga notes HTTP statuses in the extensions; over WebSocket they say nothing. */
function withoutStatus(error: GraphQLError): GraphQLError {
  delete (error.extensions as Record<string, unknown>)['http'];
  return error;
}
