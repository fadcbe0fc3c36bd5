import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface PausingProxy {
  /** Where to connect instead. */
  port: number;
  /** Lets nothing through, in either direction, while all connections stay open: a link that hangs. */
  pause(): void;
  resume(): void;
  /** Breaks all connections; new ones are accepted. */
  cut(): void;
  close(): Promise<void>;
}

/** A TCP proxy to a port of 127.0.0.1 that can hang. It listens on a free port unless told which. */
export async function pausingProxy(port: number, listenOn = 0): Promise<PausingProxy> {
  const sockets = new Set<Socket>();
  let paused = false;
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      from.on('data', (bytes) => to.write(bytes));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      if (paused) from.pause();
    }
  });
  server.listen(listenOn, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => sockets.forEach((socket) => socket.destroy());
  return {
    port: (server.address() as AddressInfo).port,
    pause() {
      paused = true;
      sockets.forEach((socket) => socket.pause());
    },
    resume() {
      paused = false;
      sockets.forEach((socket) => socket.resume());
    },
    cut,
    async close() {
      server.close();
      cut();
      await once(server, 'close');
    },
  };
}
