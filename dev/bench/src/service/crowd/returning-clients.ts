// One process of clients that are all cut and all come back at once, as often as it is told. Run by all-return.ts.
import { WebSocket } from 'ws';
import { query } from './transport.ts';

export interface ReturnOrder {
  port: number;
  count: number;
}

/** Of each client that is back: from the cut until its first value. */
export interface Returned {
  tookMs: number[];
}

const patienceMs = 60_000;
let sockets: WebSocket[] = [];

process.once('disconnect', () => process.exit(0));
process.on('message', ({ port, count }: ReturnOrder) => {
  for (const socket of sockets) socket.terminate();
  const cutAt = performance.now();
  const tookMs: number[] = [];
  const tell = () => {
    clearTimeout(patience);
    process.send?.({ tookMs } satisfies Returned);
  };
  const patience = setTimeout(tell, patienceMs);
  sockets = Array.from({ length: count }, () =>
    subscriber(port, () => {
      tookMs.push(performance.now() - cutAt);
      if (tookMs.length === count) tell();
    }),
  );
});

function subscriber(port: number, onFirst: () => void): WebSocket {
  const url = `ws://127.0.0.1:${port}/graphql`;
  const socket = new WebSocket(url, ['graphql-transport-ws'], { perMessageDeflate: false });
  let heard = false;
  socket.on('error', () => undefined);
  socket.on('open', () => socket.send('{"type":"connection_init"}'));
  socket.on('message', (data: Buffer) => {
    if (data.includes('"connection_ack"')) {
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
    } else if (!heard && data.includes('"next"')) {
      heard = true;
      onFirst();
    }
  });
  return socket;
}
