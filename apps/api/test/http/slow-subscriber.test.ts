import { type IncomingMessage, request } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { lagSample } from '@lockstep/fixture';
import { patient } from '@lockstep/servers/patience';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { follow, graphqlClient } from '../fixture/graphql-client.ts';
import { PlainSocket } from '../fixture/plain-socket.ts';
import { type Service, startService } from '../fixture/service.ts';

// Far more than a kernel holds for one connection, 40 MB, and soon published: who reads nothing for long is cut off.
const events = 400;
const padding = 'x'.repeat(100_000);
const newest = `"lagMs":${events}`;

let service: Service;
beforeEach(async () => {
  service = await startService();
});
afterEach(() => service.stop());

/** A subscriber that can stop taking what is sent. */
interface Subscriber {
  pause: () => void;
  resume: () => void;
  text: () => string;
  bytes: () => number;
  leave: () => void;
}

function overSocket(path: string, protocols: string[] = [], hello: object[] = []): Subscriber {
  const client = new PlainSocket(service.socketAddress + path, protocols);
  // Each greeting is answered before the next one.
  const greet = () => {
    const message = hello.shift();
    if (message) client.socket.send(JSON.stringify(message));
  };
  client.socket.once('open', greet);
  client.socket.once('message', greet);
  return {
    pause: () => client.socket.pause(),
    resume: () => client.socket.resume(),
    text: () => client.messages.at(-1) ?? '',
    bytes: () => client.messages.reduce((sum, message) => sum + message.length, 0),
    leave: () => client.socket.terminate(),
  };
}

const query = 'subscription { lag(pair: "orders") { lagMs evidence } }';

function overHttp(): Subscriber {
  let response: IncomingMessage | undefined;
  let bytes = 0;
  let last = '';
  const sent = request(`${service.address}/graphql?query=${encodeURIComponent(query)}`, {
    headers: { accept: 'text/event-stream' },
  });
  sent.on('response', (incoming) => {
    response = incoming;
    incoming.on('error', () => {});
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      last = (last + chunk.toString()).slice(-padding.length - 1_000);
    });
  });
  sent.end();
  return {
    pause: () => response?.pause(),
    resume: () => response?.resume(),
    text: () => last,
    bytes: () => bytes,
    leave: () => sent.destroy(),
  };
}

test.each<[string, () => Subscriber]>([
  [
    'GraphQL over WebSocket',
    () =>
      overSocket(
        '/graphql',
        ['graphql-transport-ws'],
        [{ type: 'connection_init' }, { type: 'subscribe', id: '1', payload: { query } }],
      ),
  ],
  ['GraphQL over HTTP', overHttp],
  ['plain events', () => overSocket('/ws?types=lag&pair=orders')],
])(
  '%s: who does not read costs bounded memory, others get theirs, and the latest value arrives in the end',
  async (_transport, subscribe) => {
    const slow = subscribe();
    await vi.waitFor(() => expect(slow.text()).toContain('lagMs'), patient);
    await using client = graphqlClient(service.socketAddress);
    let latest = -1;
    let heard = 0;
    const others = (async () => {
      const samples = follow<{ lagMs: number }>(client, 'subscription { lag(pair: "orders") { lagMs } }');
      for await (const { lagMs } of samples) {
        heard++;
        latest = lagMs;
        if (latest === events) return;
      }
    })();
    await vi.waitFor(() => expect(latest).toBe(0), patient);

    slow.pause();
    for (let lagMs = 1; lagMs <= events; lagMs++) {
      const data = lagSample('orders', { lagMs, evidence: `${lagMs} ${padding}` });
      service.pubsub.publish({ type: 'lag', pair: 'orders', data });
      // So that each event finds the streams moving, as events do that come one by one.
      await setImmediate();
    }
    await others;
    expect(latest).toBe(events);
    expect(heard).toBeGreaterThan(events / 2);

    slow.resume();
    await vi.waitFor(() => expect(slow.text()).toContain(newest), patient);
    expect(slow.bytes()).toBeLessThan((events * padding.length) / 2);
    slow.leave();
    await vi.waitFor(() => expect(service.listeners()).toBe(0), patient);
  },
);
