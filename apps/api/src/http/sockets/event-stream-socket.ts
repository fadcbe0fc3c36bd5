import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import type { Wire } from './socket.ts';

/** As a proxy ends an answer that says nothing for long. */
const keepAliveMs = 15_000;

const data = Buffer.from('data: ');
const end = Buffer.from('\n\n');

/**
 * One side of a GraphQL socket where a proxy lets no WebSocket through: what it sends goes as server-sent events, what
 * it hears comes by `hear`, from requests of their own.
 */
export class EventStreamSocket
  extends EventEmitter<{ message: [Buffer]; close: [number, Buffer] }>
  implements Wire
{
  readonly protocol = GRAPHQL_TRANSPORT_WS_PROTOCOL;
  readonly OPEN = 1;
  readonly #answer: ServerResponse;
  #code = 1006;

  constructor(answer: ServerResponse, id: string) {
    super();
    this.#answer = answer;
    answer.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      // nginx would gather what it passes on until it is worth its while.
      'x-accel-buffering': 'no',
    });
    this.#tell('opened', { id });
    const keepAlive = setInterval(() => answer.write(':\n\n'), keepAliveMs);
    answer.once('close', () => {
      clearInterval(keepAlive);
      this.emit('close', this.#code, Buffer.alloc(0));
    });
  }

  get readyState(): number {
    return this.#answer.writable ? this.OPEN : 3;
  }

  get bufferedAmount(): number {
    return this.#answer.writableLength;
  }

  hear(message: string): void {
    this.emit('message', Buffer.from(message));
  }

  send(message: string | Buffer, _options: object, sent?: () => void): void {
    this.#answer.write(`data: ${message.toString()}\n\n`, () => sent?.());
  }

  sendParts(parts: readonly Buffer[], sent?: () => void): void {
    this.#answer.write(Buffer.concat([data, ...parts, end]), () => sent?.());
  }

  close(code = 1000, reason = ''): void {
    this.#code = code;
    this.#tell('closed', { code, reason });
    this.#answer.end();
  }

  #tell(event: string, told: object): void {
    if (this.#answer.writable) this.#answer.write(`event: ${event}\ndata: ${JSON.stringify(told)}\n\n`);
  }
}
