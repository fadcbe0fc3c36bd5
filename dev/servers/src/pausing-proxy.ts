import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { freePort } from './process/free-port.ts';

export interface PausingProxy {
  /** Where to connect instead. */
  port: number;
  /** Lets nothing through, in either direction, while all connections stay open: a link that hangs. */
  pause(): void;
  resume(): void;
  /** Breaks all connections; new ones are accepted. */
  cut(): void;
  /** Breaks all connections and refuses new ones, until `accept()`. */
  refuse(): Promise<void>;
  accept(): Promise<void>;
  /** Lets everything through. */
  readonly open: boolean;
  close(): Promise<void>;
}

/** A TCP proxy to a port of 127.0.0.1 that can hang and refuse. */
export async function pausingProxy(port: number): Promise<PausingProxy> {
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
  const listen = async (at: number) => {
    server.listen(at, '127.0.0.1');
    await once(server, 'listening');
  };
  // A port that no outgoing connection is given while nobody listens.
  const ownPort = await freePort();
  await listen(ownPort);
  const cut = () => sockets.forEach((socket) => socket.destroy());
  const refuse = async () => {
    if (!server.listening) return;
    server.close();
    cut();
    await once(server, 'close');
  };
  return {
    port: ownPort,
    get open() {
      return server.listening && !paused;
    },
    pause() {
      paused = true;
      sockets.forEach((socket) => socket.pause());
    },
    resume() {
      paused = false;
      sockets.forEach((socket) => socket.resume());
    },
    cut,
    refuse,
    accept: () => listen(ownPort),
    close: refuse,
  };
}
