// One process that is a whole crowd of subscribers. Run by crowd.ts.
import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { query, type Transport } from './transport.ts';

export interface ClientsOrder {
  port: number;
  count: number;
  transport: Transport;
  /** A bare broadcast is heard without asking. */
  bare: boolean;
}

/** Sent once everybody heard something, and then when it is asked for anything: what was heard since the last time. */
export interface Heard {
  /** From when a sample was made to when it was here, in ms. */
  delays: number[];
}

/** So many connect at a time, so that connecting is no crowd of its own. */
const atATime = 25;

let delays: number[] = [];

process.once('disconnect', () => process.exit(0));
process.once('message', (order: ClientsOrder) => {
  listen(order).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});

async function listen(order: ClientsOrder): Promise<void> {
  for (let open = 0; open < order.count; open += atATime) {
    const batch = Math.min(atATime, order.count - open);
    await Promise.all(Array.from({ length: batch }, () => subscriber(order)));
  }
  process.on('message', () => {
    process.send?.({ delays } satisfies Heard);
    delays = [];
  });
  await pause(0);
  process.send?.({ delays } satisfies Heard);
}

/** Resolves when the first sample is here. */
function subscriber({ port, transport, bare }: ClientsOrder): Promise<void> {
  const first = Promise.withResolvers<void>();
  const failed = (what: string) => () => first.reject(new Error(`a subscriber was left: ${what}`));
  const heard = (bytes: Buffer) => {
    const at = bytes.indexOf(mark);
    if (at < 0) return;
    const madeAt = Date.parse(bytes.toString('latin1', at + mark.length, at + mark.length + 24));
    delays.push(Date.now() - madeAt);
    first.resolve();
  };
  if (transport === 'sse' && !bare) {
    const asked = request({
      host: '127.0.0.1',
      port,
      path: '/graphql',
      method: 'POST',
      agent: false,
      headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
    });
    asked.on('response', (response) => {
      response.on('data', heard).on('end', failed('the answer ended'));
      if (response.statusCode !== 200) first.reject(new Error(`the answer was ${response.statusCode}`));
    });
    asked.on('error', (error) => first.reject(error));
    asked.end(JSON.stringify({ query }));
    return first.promise;
  }
  const path = bare ? '/' : transport === 'ws' ? '/ws?types=lag' : '/graphql';
  const protocol = !bare && transport === 'graphql' ? ['graphql-transport-ws'] : [];
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocol, { perMessageDeflate: false });
  socket.on('message', heard).on('close', failed('the socket closed'));
  socket.on('error', (error) => first.reject(error));
  if (protocol.length > 0) void introduce(socket);
  return first.promise;
}

async function introduce(socket: WebSocket): Promise<void> {
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init' }));
  await once(socket, 'message');
  const id = crypto.randomUUID();
  socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query } }));
}

const mark = Buffer.from(',"at":"');
