import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { patient } from '@lockstep/servers/patience';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PlainSocket } from '../fixture/plain-socket.ts';
import { operatorToken, type Service, startService, tokens } from '../fixture/service.ts';

let service: Service;
let opened: PlainSocket[] = [];
beforeEach(async () => {
  service = await startService({ auth: tokens });
});
afterEach(async () => {
  for (const client of opened) client[Symbol.dispose]();
  opened = [];
  await service.stop();
});

async function known(): Promise<PlainSocket> {
  const client = new PlainSocket(`${service.socketAddress}/graphql`, ['graphql-transport-ws']);
  opened.push(client);
  await client.opened;
  const payload = { authorization: `Bearer ${operatorToken}` };
  client.socket.send(JSON.stringify({ type: 'connection_init', payload }));
  await vi.waitFor(() => expect(client.messages).toHaveLength(1), patient);
  return client;
}

/** 60 KB that take a megabyte once they are parsed. */
const junk = `[${Array(20_000).fill('{}').join(',')}]`;
const subscribe = (id: string, query: string, variables = '{}') =>
  `{"type":"subscribe","id":"${id}","payload":{"query":${JSON.stringify(query)},"variables":${variables}}}`;

/** A question that is not answered before the test ends. */
const endless =
  '{ pair(name: "orders") { table(schema: "shop", name: "items") { checksum { repair { __typename } } } } }';

function inUse(): number {
  setFlagsFromString('--expose-gc');
  for (let i = 0; i < 3; i++) (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

describe('what a socket asks for', () => {
  test('counts until it is answered, though the client says that it is over', async () => {
    service.engine.repair = () => new Promise(() => {});
    const client = await known();
    client.socket.send(subscribe('first', endless));
    for (let i = 0; i < 1_000; i++) {
      client.socket.send(subscribe('again', '{ version }'));
      client.socket.send('{"type":"complete","id":"again"}');
    }
    expect(await client.closed).toMatchObject({ code: 4429 });
  });

  test('holds no more than so much memory while it waits', async () => {
    service.engine.repair = () => new Promise(() => {});
    const client = await known();
    client.socket.send(subscribe('first', endless));
    for (let i = 0; i < 20; i++) client.socket.send(subscribe(`${i}`, '{ version }', `{"a":${junk}}`));
    expect(await client.closed).toMatchObject({ code: 4429 });
  });

  test('is let go but for what the subscription asks for', async () => {
    const client = await known();
    const before = inUse();
    for (let i = 0; i < 40; i++) {
      client.socket.send(subscribe(`${i}`, 'subscription { configuration { at } }', `{"a":${junk}}`));
      await vi.waitFor(() => expect(service.listeners()).toBe(i + 1), patient);
    }
    expect(inUse() - before).toBeLessThan(20 * 1024 * 1024);
  });

  test('holds no more than so much memory while subscriptions are open', async () => {
    const client = await known();
    const fields = Array.from(
      { length: 1_400 },
      (_, i) => `${['pair', 'at', 'lagMs', 'method', 'evidence', 'serverLagMs', 'uncertaintyMs'][i % 7]}`,
    );
    for (let i = 0; i < 90; i++) {
      client.socket.send(subscribe(`${i}`, `subscription S${i} { lag { ${fields.join(' ')} } }`));
    }
    expect(await client.closed).toMatchObject({ code: 4429 });
  });

  test('is as much as a hundred streams of one question, asked with other variables', async () => {
    const client = await known();
    const query =
      'subscription Of($pair: String) { lag(pair: $pair) { pair at lagMs uncertaintyMs method evidence } }';
    for (let i = 0; i < 100; i++) client.socket.send(subscribe(`${i}`, query, '{"pair":"orders"}'));
    await vi.waitFor(() => expect(service.listeners()).toBe(100), patient);
    for (let i = 0; i < 100; i++) {
      client.socket.send(JSON.stringify({ type: 'complete', id: `${i}` }));
      client.socket.send(subscribe(`${i}`, query, '{"pair":"stock"}'));
    }
    await vi.waitFor(() => expect(service.listeners()).toBe(100), patient);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  });
});
