import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Flavour, Release } from '../flavour.ts';
import { mendReplication } from '../replication/mend.ts';
import { type OwnPair, startPair } from '../replication/start-pair.ts';
import type { ServerInfo } from '../server-handle.ts';

export interface SharedPairInfo {
  source: ServerInfo;
  target: ServerInfo;
}

export interface Broker {
  /** Where `GET /mariadb` and `GET /mysql` answer with `SharedPairInfo`. */
  url: string;
  /** Ends the servers that were asked for. */
  close(): Promise<void>;
}

/**
 * Keeps one pair of servers per flavour for all test processes, started when the first of them asks, and mended when
 * one of them has stopped its replication. They ask over HTTP because they are processes of their own. `release` is
 * MariaDB's.
 */
export async function startBroker(release: Release = 'stable'): Promise<Broker> {
  const pairs = new Map<string, Promise<OwnPair>>();
  const pairOf = (flavour: Flavour) => {
    let pair = pairs.get(flavour);
    if (!pair) pairs.set(flavour, (pair = startPair({ flavour, ...(flavour === 'mariadb' && { release }) })));
    return pair;
  };
  const mending = new Map<Flavour, Promise<OwnPair>>();
  /** One at a time looks after a pair; whoever asks meanwhile waits for that. */
  const mended = (flavour: Flavour) => {
    let work = mending.get(flavour);
    if (!work) {
      work = pairOf(flavour).then(async (pair) => {
        await mendReplication(pair.source, pair.target);
        return pair;
      });
      mending.set(flavour, work);
      void work.catch(() => undefined).finally(() => mending.delete(flavour));
    }
    return work;
  };
  const server = createServer((request, response) => {
    const flavour = request.url?.slice(1);
    if (flavour !== 'mariadb' && flavour !== 'mysql') {
      response.writeHead(404).end();
      return;
    }
    mended(flavour).then(
      ({ source, target }) => response.end(JSON.stringify({ source: source.info(), target: target.info() })),
      (error: unknown) => response.writeHead(503).end(error instanceof Error ? error.message : String(error)),
    );
  });
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await Promise.allSettled([...pairs.values()].map(async (pair) => (await pair).remove()));
    },
  };
}
