import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * Below the ports that systems give to outgoing connections, so that none takes the port of a server that is down for
 * a moment.
 */
const ports = { from: 16_384, to: 32_768 };

/**
 * A port of 127.0.0.1 that nobody listens on at this moment; by chance, so that two processes seldom choose the same.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 1; attempt <= 100; attempt++) {
    const port = randomInt(ports.from, ports.to);
    if (await isFree(port)) return port;
  }
  throw new Error(`found no free port of 127.0.0.1 between ${ports.from} and ${ports.to}`);
}

/** Holds the port for a moment, so never while a process that was started is to take it: for that ask `isServed`. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

/** Whether somebody takes connections on this port of 127.0.0.1. */
export async function isServed(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
