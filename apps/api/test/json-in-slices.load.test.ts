import { setImmediate } from 'node:timers/promises';
import { pairState } from '@lockstep/fixture';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jsonInSlices } from '../src/json-in-slices.ts';
import { graphqlClient } from './fixture/graphql-client.ts';
import { PlainSocket } from './fixture/plain-socket.ts';
import { type Service, startService } from './fixture/service.ts';

const long = 'x"\n😀'.repeat(80_000);

test.each<[string, unknown]>([
  ['nothing', null],
  ['what is not defined', [undefined, { a: undefined, b: 1, c: () => 1 }]],
  ['what says itself how it is written', { at: new Date(0), list: [new Date(1)] }],
  ['lists within lists', [[], [[]], Array.from({ length: 20_000 }, (_, i) => [i, `${i}`])]],
  ['long texts', { a: long, b: [long, 1, long], c: { d: long, e: {}, f: [] } }],
  ['a long list of what is undefined', { a: Array.from({ length: 9_000 }), b: { c: undefined, d: long } }],
  ['names that are none of an object', JSON.parse(`{"__proto__": {"a": "${'x'.repeat(400_000)}"}}`)],
])('%s is written as in one go', async (_, value) => {
  expect(await jsonInSlices(value, Infinity)).toBe(JSON.stringify(value));
});

test('while much is written, others have their turns, and what is too much is not written to its end', async () => {
  let read = 0;
  const items = Array.from({ length: 200 }, () => ({
    long,
    get slow() {
      read++;
      const until = performance.now() + 1;
      while (performance.now() < until);
      return 1;
    },
  }));
  let done = false;
  const writing = jsonInSlices(items, Infinity).finally(() => (done = true));
  let turns = 0;
  while (!done) {
    turns++;
    await setImmediate();
  }
  expect(turns).toBeGreaterThan(4);
  expect((await writing)?.length).toBeGreaterThan(200 * long.length);
  read = 0;
  expect(await jsonInSlices(items, long.length)).toBeNull();
  expect(read).toBeLessThan(items.length);
});

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const query = '{ pairs { name evidence } }';
const withEvidence = (length: number) => {
  service.engine.pairStates = Array.from({ length: 300 }, (_, i) =>
    pairState(`pair${i}`, { evidence: 'e'.repeat(length) }),
  );
  return service.engine.pairStates.map(({ name, evidence }) => ({ name, evidence }));
};

const doors: [string, () => Promise<unknown>][] = [
  ['HTTP', async () => ({ ...(await service.graphql(query)), status: undefined })],
  [
    'a WebSocket',
    async () => {
      await using client = graphqlClient(service.socketAddress);
      const { value } = (await client.iterate({ query }).next()) as IteratorResult<unknown, unknown>;
      return value;
    },
  ],
  [
    'server-sent events',
    async () => {
      const headers = { accept: 'text/event-stream', 'content-type': 'application/json' };
      const answer = await service.fetch('/graphql', {
        method: 'POST',
        headers,
        body: JSON.stringify({ query }),
      });
      return JSON.parse(/^data: (.+)$/m.exec(await answer.text())?.[1] ?? '') as unknown;
    },
  ],
];

test.each(doors)('a large answer comes whole over %s, and one that is too large says so', async (_, ask) => {
  const pairs = withEvidence(20_000);
  expect(await ask()).toEqual({ data: { pairs } });
  withEvidence(100_000);
  expect(await ask()).toMatchObject({
    data: null,
    errors: [{ extensions: { code: 'TOO_MUCH', limit: 'length' } }],
  });
});

test.each(['/api/metrics', '/ws?types=pair'])('all that is large comes whole from %s', async (path) => {
  const pairs = withEvidence(300_000).slice(0, 3);
  service.engine.pairStates = service.engine.pairStates.slice(0, 3);
  if (path.startsWith('/api')) {
    const answer = (await (await service.fetch(path)).json()) as { pairs: unknown[] };
    expect(answer.pairs).toMatchObject(pairs);
    return;
  }
  using socket = new PlainSocket(service.socketAddress + path);
  await socket.opened;
  await expect.poll(() => socket.messages.length).toBe(3);
  expect(socket.json()).toMatchObject(pairs.map((data) => ({ type: 'pair', data })));
});
