import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';

/** Where what is served at `address` is reached over a line on which the answers of each connection come slowly. */
export async function slowLine(
  address: string,
  bytesPerSecond: number,
  cleanup: AsyncDisposableStack,
): Promise<string> {
  const { port } = new URL(address);
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), '127.0.0.1');
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
    }
    void Promise.allSettled([pipeline(client, upstream), pipeline(upstream, slowly(bytesPerSecond), client)]);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanup.defer(async () => {
    server.close();
    for (const socket of open) socket.destroy();
    await once(server, 'close');
  });
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  return `http://127.0.0.1:${bound.port}/`;
}

function slowly(bytesPerSecond: number): Transform {
  return new Transform({
    transform: (bytes: Buffer, _, done) => {
      void setTimeout((bytes.length / bytesPerSecond) * 1000).then(() => done(null, bytes));
    },
  });
}
