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
    const keepAlive = setInterval(() => this.#write(':\n\n'), keepAliveMs);
    answer.once('close', () => {
      clearInterval(keepAlive);
      this.emit('close', this.#code, Buffer.alloc(0));
    });
  }

  get readyState(): number {
    // An answer says that it is writable when it has ended, too, and to write to it then would end the process.
    return this.#answer.writable && !this.#answer.writableEnded ? this.OPEN : 3;
  }

  get bufferedAmount(): number {
    return this.#answer.writableLength;
  }

  hear(message: string): void {
    if (this.readyState === this.OPEN) this.emit('message', Buffer.from(message));
  }

  send(message: string | Buffer, _options: object, sent?: () => void): void {
    this.#write(`data: ${message.toString()}\n\n`, sent);
  }

  sendParts(parts: readonly Buffer[], sent?: () => void): void {
    this.#write(Buffer.concat([data, ...parts, end]), sent);
  }

  close(code = 1000, reason = ''): void {
    if (this.readyState !== this.OPEN) return;
    this.#code = code;
    this.#tell('closed', { code, reason });
    this.#answer.end();
  }

  #tell(event: string, told: object): void {
    this.#write(`event: ${event}\ndata: ${JSON.stringify(told)}\n\n`);
  }

  #write(text: string | Buffer, sent?: () => void): void {
    if (this.readyState === this.OPEN) this.#answer.write(text, () => sent?.());
    else sent?.();
  }
}
