import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { onTestFinished } from 'vitest';

export interface VirtualAddress {
  port: number;
  /** Ends the connections that there are, as a failover does. */
  cut: () => void;
}

/** A port that leads to wherever `to` says when a connection is made: a port, a socket's file, what `connect` takes. */
export async function forward(to: () => number | string | NetConnectOpts): Promise<VirtualAddress> {
  const clients = new Set<Socket>();
  const door = createServer((client) => {
    const place = to();
    const upstream =
      typeof place === 'number' ? connect(place, '127.0.0.1') : connect(place as NetConnectOpts);
    clients.add(client);
    // However one of the two ends, so does the other.
    pipeline(client, upstream, client, () => clients.delete(client));
  });
  onTestFinished(() => void door.close());
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  return {
    port: (door.address() as AddressInfo).port,
    cut: () => {
      for (const client of clients) client.destroy();
    },
  };
}
