// One process that tells a crowd of a pair's lag, four times a second: the service over an engine that only says what
// it is told to, or a bare broadcast of the same bytes by the WebSocket library alone. Run by crowd.ts.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type LagSample, openStorage, silent } from '@lockstep/checks';
import { FixtureEngine, lagSample } from '@lockstep/fixture';
import { Audit } from 'lockstep/src/audit.ts';
import { startHttp } from 'lockstep/src/http/server.ts';
import { localPubSub } from 'lockstep/src/pubsub/pubsub.ts';
import { WebSocketServer } from 'ws';
import { largeFleet } from './large-fleet.ts';
import { pair, type Transport } from './transport.ts';

export interface ServerOrder {
  /** Null for the service; else whose bytes the bare broadcast sends. */
  bare: Transport | null;
  mostConnections: number;
  /** Looks at every turn, which costs too much where processor time is compared. */
  turns?: boolean;
  /** Knows of a large fleet, in place of nothing. */
  large?: boolean;
}

/** Sent once the server listens. */
export interface Listening {
  port: number;
}

/** Sent when it is asked for anything: since the last time. */
export interface Turns {
  /** The longest that nothing else had its turn, in ms. */
  longestMs: number;
  /** The most that was worked in one turn, in this thread's own time, which other programs do not lengthen. */
  workMs: number;
}

const everyMs = 250;

process.once('disconnect', () => process.exit(0));
process.once('message', (order: ServerOrder) => {
  serve(order).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});

async function serve({ bare, mostConnections, turns = false, large = false }: ServerOrder): Promise<void> {
  const { port, tell } = bare ? await bareBroadcast(bare) : await service(mostConnections, large);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const work = turns ? mostWork() : () => NaN;
  process.on('message', () => {
    process.send?.({ longestMs: delay.max / 1e6, workMs: work() } satisfies Turns);
    delay.reset();
  });
  setInterval(() => tell(sample()), everyMs);
  process.send?.({ port } satisfies Listening);
}

/** Looks once in every turn that there is; answers the most since the last time, in ms. */
function mostWork(): () => number {
  let most = 0;
  let last = process.threadCpuUsage();
  const turn = () => {
    const now = process.threadCpuUsage();
    most = Math.max(most, (now.user + now.system - last.user - last.system) / 1_000);
    last = now;
  };
  // A timer, not setImmediate, which would keep the loop turning: between two of them are two turns or more.
  setInterval(turn, 1);
  return () => {
    const so = most;
    most = 0;
    return so;
  };
}

function sample(): LagSample {
  return lagSample(pair, { at: new Date(), lagMs: Math.round(Math.random() * 1_000) });
}

async function service(mostConnections: number, large: boolean) {
  const pubsub = localPubSub(silent);
  const engine = large ? largeFleet() : new FixtureEngine();
  const kept = { file: ':memory:', rawLagMs: 1, minuteLagMs: 1, historyMs: 1 };
  const { address } = await startHttp(
    {
      host: '127.0.0.1',
      port: 0,
      basePath: '',
      auth: { kind: 'none', explicit: false },
      allowedOrigins: [],
      trustedProxies: [],
      maxConnections: mostConnections,
      maxConnectionsPerClient: mostConnections,
      graphiql: true,
    },
    {
      engine,
      pubsub,
      notifications: {
        waiting: () => [],
        brought: () => [],
        deliveries: () => [],
        test: () => Promise.resolve([]),
      },
      settings: { file: 'none', values: [], notifications: [] },
      audit: new Audit({ store: openStorage(kept, { log: silent }), log: silent }),
      version: '0.0.0',
      log: silent,
    },
  );
  return {
    port: Number(new URL(address).port),
    tell: (data: LagSample) => pubsub.publish({ type: 'lag', pair, data }),
  };
}

async function bareBroadcast(transport: Transport) {
  const server = createServer();
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    tell: (data: LagSample) => {
      const bytes = Buffer.from(wording[transport](data));
      for (const socket of sockets.clients) socket.send(bytes, { binary: false });
    },
  };
}

/** What the service's message is, to the byte but for the name of the subscription. */
const wording: Record<Transport, (data: LagSample) => string> = {
  graphql: (lag) =>
    JSON.stringify({ id: '01234567-89ab-cdef-0123-456789abcdef', type: 'next', payload: { data: { lag } } }),
  sse: (lag) => `event: next\ndata: ${JSON.stringify({ data: { lag } })}\n\n`,
  ws: (data) => JSON.stringify({ type: 'lag', at: new Date(), data }),
};
