import { patient } from '@lockstep/servers/patience';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { heapInUse } from '../fixture/heap-in-use.ts';
import { PlainSockets } from '../fixture/plain-sockets.ts';
import { operatorToken, type Service, startService, tokens } from '../fixture/service.ts';

let service: Service;
const sockets = new PlainSockets();
beforeEach(async () => {
  service = await startService({ auth: tokens });
});
afterEach(async () => {
  sockets[Symbol.dispose]();
  await service.stop();
});

const operator = { authorization: `Bearer ${operatorToken}` };

/** 60 KB that take a megabyte once they are parsed. */
const junk = `[${Array(20_000).fill('{}').join(',')}]`;
const subscribe = (id: string, query: string, variables = '{}') =>
  `{"type":"subscribe","id":"${id}","payload":{"query":${JSON.stringify(query)},"variables":${variables}}}`;

/** A question that is not answered before the test ends. */
const endless =
  '{ pair(name: "orders") { table(schema: "shop", name: "items") { checksum { repair { __typename } } } } }';

describe('what a socket asks for', () => {
  test('counts until it is answered, though the client says that it is over', async () => {
    service.engine.repair = () => new Promise(() => {});
    const client = await sockets.known(service, operator);
    client.socket.send(subscribe('first', endless));
    for (let i = 0; i < 1_000; i++) {
      client.socket.send(subscribe('again', '{ version }'));
      client.socket.send('{"type":"complete","id":"again"}');
    }
    expect(await client.closed).toMatchObject({ code: 4429 });
  });

  test('holds no more than so much memory while it waits', async () => {
    service.engine.repair = () => new Promise(() => {});
    const client = await sockets.known(service, operator);
    client.socket.send(subscribe('first', endless));
    for (let i = 0; i < 20; i++) client.socket.send(subscribe(`${i}`, '{ version }', `{"a":${junk}}`));
    expect(await client.closed).toMatchObject({ code: 4429 });
  });

  test('is let go but for what the subscription asks for', async () => {
    const client = await sockets.known(service, operator);
    const before = heapInUse();
    for (let i = 0; i < 40; i++) {
      client.socket.send(subscribe(`${i}`, 'subscription { configuration { at } }', `{"a":${junk}}`));
      await vi.waitFor(() => expect(service.listeners()).toBe(i + 1), patient);
    }
    expect(heapInUse() - before).toBeLessThan(20 * 1024 * 1024);
  });

  test('holds no more than so much memory while subscriptions are open', async () => {
    const client = await sockets.known(service, operator);
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
    const client = await sockets.known(service, operator);
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
