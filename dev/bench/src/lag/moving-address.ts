import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface MovingAddress {
  port: number;
  /** From now on another server answers here; connections to the one before break. */
  moveTo(port: number): void;
  close(): Promise<void>;
}

/** What a failover moves: a port of 127.0.0.1 that leads to a server, and later to another. */
export async function movingAddress(port: number): Promise<MovingAddress> {
  const sockets = new Set<Socket>();
  let leadsTo = port;
  const server = createServer((client) => {
    const upstream = connect(leadsTo, '127.0.0.1');
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => sockets.forEach((socket) => socket.destroy());
  return {
    port: (server.address() as AddressInfo).port,
    moveTo(next) {
      leadsTo = next;
      cut();
    },
    async close() {
      server.close();
      cut();
      await once(server, 'close');
    },
  };
}
