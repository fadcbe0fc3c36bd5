import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { onTestFinished } from 'vitest';

/** A port that leads to a server whose answers pass through `lie`, which must not change their length. */
export async function lyingPort(to: number, lie: (answer: string) => string): Promise<number> {
  const sockets = new Set<Socket>();
  const door = createServer((client) => {
    const upstream = connect(to, '127.0.0.1');
    const liar = new Transform({
      transform: (chunk: Buffer, _encoding, done) =>
        done(null, Buffer.from(lie(chunk.toString('latin1')), 'latin1')),
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => [client, upstream].forEach((end) => end.destroy()));
    }
    client.pipe(upstream);
    upstream.pipe(liar).pipe(client);
  });
  onTestFinished(() => {
    door.close();
    for (const socket of sockets) socket.destroy();
  });
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  return (door.address() as AddressInfo).port;
}
