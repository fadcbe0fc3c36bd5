import { setImmediate } from 'node:timers/promises';
import { silent } from '@lockstep/checks';
import { patient } from '@lockstep/servers/patience';
import { buildSchema, getIntrospectionQuery, parse } from 'graphql';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { schema } from '../../src/graphql/schema.ts';
import { examine, excesses, limits } from '../../src/http/graphql/limits.ts';
import { PlainSocket } from '../fixture/plain-socket.ts';
import { RawConnection } from '../fixture/raw-connection.ts';
import { type Service, startService } from '../fixture/service.ts';

let service: Service;
let opened: PlainSocket[] = [];
beforeAll(async () => {
  service = await startService();
});
afterEach(() => {
  for (const client of opened) client.socket.terminate();
  opened = [];
});
afterAll(() => service.stop());

const many = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');

const deep =
  '{ pair(name: "orders") { tables { nodes { checksum { rows { nodes { key { value } cells { source { text } } } } } } } } }';

test.each([
  ['repeats', `{ ${many(limits.repeats + 1, () => 'pairs { name }')} }`],
  ['same', `{ ${many(limits.same + 1, () => 'version')} }`],
  ['aliases', `{ ${many(limits.aliases + 1, (i) => `a${i}: version`)} }`],
  ['directives', `{ ${many(limits.directives + 1, () => 'version @include(if: true)')} }`],
  [
    'cost',
    `{ pairs { runs(first: 200) { nodes { id state evidence } } alerts { id } ${many(20, (i) => `b${i}: runs(first: 200) { nodes { id state evidence } }`)} } }`,
  ],
])('a query with too much %s is refused before anything is resolved', async (limit, query) => {
  const { data, errors } = await service.graphql(query);
  expect(data).toBeUndefined();
  expect(errors).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ extensions: expect.objectContaining({ code: 'TOO_MUCH', limit }) as object }),
    ]),
  );
});

test('a page from the end of a list is priced as one from its start', () => {
  const price = (args: string) =>
    examine(schema, parse(`{ alerts${args} { edges { cursor node { id state } } } }`)).cost;
  expect(price('(last: 150)')).toBe(price('(first: 150)'));
  expect(price('(first: 150, last: 1)')).toBe(price('(first: 150)'));
  expect(price('(last: 2)')).toBeLessThan(price(''));
  expect(price('')).toBe(price('(first: 50)'));
});

test('a variable is worth what it is in the operation that is asked for, null included', () => {
  const list = 'alerts(first: $n) { edges { node { id } } }';
  const price = (text: string, variables = {}) => examine(schema, parse(text), variables).cost;
  const dear = price(`query A($n: Int = 150) { ${list} }`);
  expect(price(`query A($n: Int = 150) { ${list} } query B($n: Int = 1) { version }`)).toBe(dear);
  expect(price(`query A($n: Int = 1) { ${list} }`, { n: null })).toBe(
    price('{ alerts { edges { node { id } } } }'),
  );
});

test('fields within fields are counted through fragments', () => {
  // The real schema has no cycle, and so no depth to speak of.
  const cyclic = buildSchema('type Query { again: Query, end: String }');
  const nested = (depth: number) => `${'{ again '.repeat(depth - 1)}{ end }${' }'.repeat(depth - 1)}`;
  const check = (text: string) => excesses(cyclic, parse(text));
  expect(check(nested(limits.depth))).toEqual([]);
  const split = `{ again { ...rest } } fragment rest on Query ${nested(limits.depth)}`;
  expect(check(split)).toMatchObject([{ extensions: { limit: 'depth', asked: limits.depth + 1 } }]);
});

test('what is asked for in fragments counts wherever they are used', async () => {
  // Each fragment uses the next one ten times: 10^6 fields from some hundred words.
  const query = `{ ...f0 } ${many(6, (i) => `fragment f${i} on Query { ${many(10, () => (i < 5 ? `...f${i + 1}` : 'version'))} }`)}`;
  const { errors } = await service.graphql(query);
  expect(errors).toMatchObject([{ extensions: { limit: 'cost', asked: 1_000_000 } }]);
});

test('how long a list will be is read from variables, too', async () => {
  const query = `query ($points: Int!) { pairs { lagHistory(from: "2026-03-01T00:00:00Z", maxPoints: $points) { minMs maxMs samples } } }`;
  expect((await service.graphql(query, { points: 60 })).errors).toBeUndefined();
  const { errors } = await service.graphql(query, { points: 1_000_000 });
  expect(errors).toMatchObject([{ extensions: { limit: 'cost', asked: 150_201 } }]);
});

test('a fragment within itself is an error, not an endless loop', async () => {
  const { errors } = await service.graphql('{ ...f } fragment f on Query { version ...f }');
  expect(errors?.[0]?.message).toContain('Cannot spread fragment "f" within itself');
});

test('more words than the limit are not even parsed', async () => {
  const { errors } = await service.graphql(`{ ${many(limits.tokens, () => 'version')} }`);
  expect(errors?.[0]?.message).toContain(`${limits.tokens}`);
});

test('what the page asks for, and the whole schema, are within the limits', async () => {
  expect((await service.graphql(deep)).errors).toBeUndefined();
  expect((await service.graphql(getIntrospectionQuery())).errors).toBeUndefined();
});

test('with GraphiQL off the schema is not told either', async () => {
  await using closed = await startService({ graphiql: false });
  const { errors } = await closed.graphql('{ __schema { types { name } } }');
  expect(errors?.[0]?.message).toContain('introspection');
  for (const query of [
    '{ pear { name } }',
    '{ pair(nam: "x") { name } }',
    '{ alerts(states: [FIRIN]) { totalCount } }',
  ]) {
    const guessed = await closed.graphql(query);
    expect(guessed.errors).toBeDefined();
    expect(JSON.stringify(guessed.errors)).not.toContain('Did you mean');
  }
  expect((await closed.fetch('/graphql', { headers: { accept: 'text/html' } })).status).toBe(404);
});

test('a body over 100 KB is refused, with or without its length told', async () => {
  const big = JSON.stringify({ query: '{ version }', variables: { x: 'x'.repeat(100_000) } });
  const headers = { 'content-type': 'application/json' };
  const told = await service.fetch('/graphql', { method: 'POST', headers, body: big });
  expect(told.status).toBe(413);
  const streamed = await service.fetch('/graphql', {
    method: 'POST',
    headers,
    body: new Blob([big]).stream(),
    duplex: 'half',
  } as RequestInit);
  expect(streamed.status).toBe(413);
});

test.each([
  ['/graphql', '{"query":"{ version }"}', 200],
  ['/api/session', '{"token":"x"}', 409],
  ['/graphql/stream/x', '{}', 404],
])('a body for %s may come in small pieces, but not in thousands of them', async (path, body, status) => {
  const answered = async (pieces: number, rest: string) => {
    using connection = new RawConnection(service.address);
    const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
    connection.say(`POST ${path} HTTP/1.1`, 'Host: localhost', 'Content-Type: application/json', chunked);
    connection.socket.write(chunk(' ').repeat(pieces) + chunk(rest) + '0\r\n\r\n');
    await vi.waitFor(() => expect(connection.text).toMatch(/^HTTP/), patient);
    return Number(connection.text.split(' ')[1]);
  };
  const chunked = 'Transfer-Encoding: chunked';
  expect(await answered(500, body)).toBe(status);
  expect(await answered(9_000, body)).toBe(413);
});

test('a socket message over 64 KB ends the socket', async () => {
  const client = graphqlSocket();
  await client.opened;
  client.socket.send('x'.repeat(65 * 1024));
  expect(await client.closed).toMatchObject({ code: 1009 });
});

test('messages are not compressed, whatever the client offers', async () => {
  const client = graphqlSocket();
  await client.opened;
  expect(client.socket.extensions).toBe('');
});

test('one socket carries a hundred operations at most', async () => {
  const client = graphqlSocket();
  await client.opened;
  client.socket.send(JSON.stringify({ type: 'connection_init' }));
  await vi.waitFor(() => expect(client.messages).toHaveLength(1), patient);
  for (let id = 0; id <= 100; id++) {
    const payload = { query: 'subscription { pairEvents { id } }' };
    client.socket.send(JSON.stringify({ type: 'subscribe', id: String(id), payload }));
  }
  expect(await client.closed).toMatchObject({ code: 4429 });
  await vi.waitFor(() => expect(service.listeners()).toBe(0), patient);
});

test('one address has sixty-four sockets at most, and gets places back', async () => {
  opened = Array.from({ length: 64 }, () => new PlainSocket(`${service.socketAddress}/ws?types=pairEvent`));
  await Promise.all(opened.map((client) => client.opened));
  const oneMore = new PlainSocket(`${service.socketAddress}/ws`);
  expect(await oneMore.refused).toMatchObject({ status: 429 });
  expect((await service.graphql('{ version }')).status).toBe(429);

  opened.pop()?.socket.terminate();
  await vi.waitFor(async () => expect((await service.graphql('{ version }')).status).toBe(200), patient);
});

test.each(['not json', '{"type":"subscribe"}', '{"type":"nonsense"}'])(
  'a client that says %s loses its socket, and nobody else anything',
  async (message) => {
    const bad = graphqlSocket();
    await bad.opened;
    bad.socket.send(message);
    expect((await bad.closed).code).toBeGreaterThanOrEqual(4400);
    expect((await service.graphql('{ version }')).status).toBe(200);
  },
);

const pageIsMissing = 'the page has not been built: run npm run build';

test.each([
  ['what only servers say', { type: 'connection_ack' }],
  ['an answer', { type: 'next', id: '1', payload: {} }],
  ['errors', { type: 'error', id: '1', payload: [{ message: 'x' }] }],
])('a client that says %s is told that it is wrong, and the log is not written full', async (_, message) => {
  const logged = vi.fn();
  await using noisy = await startService({ log: { ...silent, warn: logged, error: logged } });
  using bad = new PlainSocket(`${noisy.socketAddress}/graphql`, ['graphql-transport-ws']);
  await bad.opened;
  bad.socket.send(JSON.stringify(message));
  expect(await bad.closed).toMatchObject({ code: 4400 });
  expect(logged.mock.calls.map(([, said]) => said as string)).toEqual([pageIsMissing]);
});

test('a message may come in a hundred fragments, and in thousands it ends the socket', async () => {
  const client = graphqlSocket();
  await client.opened;
  const fragments = (count: number, text: string) => {
    for (let i = 0; i < count; i++) client.socket.send(text[i] ?? '', { fin: i === count - 1 });
  };
  fragments(100, '{"type":"ping"}');
  await vi.waitFor(() => expect(client.messages).toEqual(['{"type":"pong"}']), patient);
  fragments(2_000, '{"type":"ping"}');
  expect(await client.closed).toMatchObject({ code: 1008 });
});

test('a frame that comes byte by byte ends the socket before it is worth megabytes', async () => {
  using client = new RawConnection(service.address);
  client.say(
    'GET /ws HTTP/1.1',
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}`,
  );
  await vi.waitFor(() => expect(client.text).toMatch(/^HTTP\/1.1 101 /), patient);
  client.socket.setNoDelay(true);
  client.socket.write(Buffer.from([0x81, 0xfe, 0xff, 0, 0, 0, 0, 0]));
  for (let sent = 0; sent < 60_000 && !client.socket.destroyed && !client.socket.readableEnded; sent++) {
    client.socket.write('x');
    // So that it is a piece of its own.
    if (sent % 4 === 0) await setImmediate();
  }
  expect(client.socket.destroyed || client.socket.readableEnded).toBe(true);
});

test('a ping is answered with what it brought, and one that is nested beyond measure with nothing', async () => {
  const logged = vi.fn();
  await using noisy = await startService({ log: { ...silent, warn: logged, error: logged } });
  using client = new PlainSocket(`${noisy.socketAddress}/graphql`, ['graphql-transport-ws']);
  await client.opened;
  client.socket.send('{"type":"ping","payload":{"a":1}}');
  client.socket.send('{"type":"ping"}');
  client.socket.send(`{"type":"ping","payload":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`);
  await vi.waitFor(() => expect(client.messages).toHaveLength(3), patient);
  expect(client.json()).toEqual([{ type: 'pong', payload: { a: 1 } }, { type: 'pong' }, { type: 'pong' }]);
  expect(logged.mock.calls.map(([, said]) => said as string)).toEqual([pageIsMissing]);
});

test.each(['x', 'é', '\u{1f600}'])(
  'two operations of one name are refused, however long that is (%s)',
  async (letter) => {
    const logged = vi.fn();
    await using noisy = await startService({ log: { ...silent, warn: logged, error: logged } });
    using client = new PlainSocket(`${noisy.socketAddress}/graphql`, ['graphql-transport-ws']);
    await client.opened;
    client.socket.send(JSON.stringify({ type: 'connection_init' }));
    const payload = { query: 'subscription { lag { pair } }' };
    const twice = JSON.stringify({ type: 'subscribe', id: letter.repeat(1_000), payload });
    client.socket.send(twice);
    client.socket.send(twice);
    const { code, reason } = await client.closed;
    expect(code).toBe(4409);
    expect(reason).toMatch(/^Subscriber for .+…$/);
    expect(logged.mock.calls.map(([, said]) => said as string)).toEqual([pageIsMissing]);
  },
);

test('errors over a socket say what is wrong with the query, and no HTTP statuses', async () => {
  const client = graphqlSocket();
  await client.opened;
  client.socket.send(JSON.stringify({ type: 'connection_init' }));
  await vi.waitFor(() => expect(client.messages).toHaveLength(1), patient);
  for (const [id, query] of Object.entries({
    a: '{ nonsense }',
    b: '{',
    c: `{ ${many(60, (i) => `a${i}: version`)} }`,
  })) {
    client.socket.send(JSON.stringify({ type: 'subscribe', id, payload: { query } }));
  }
  await vi.waitFor(() => expect(client.messages).toHaveLength(4), patient);
  const errors = client
    .json<{ id?: string; type: string; payload: { message: string; extensions?: object }[] }>()
    .filter(({ type }) => type === 'error');
  expect(errors.map(({ payload }) => payload[0]?.message).sort()).toEqual([
    expect.stringContaining('Cannot query field "nonsense"'),
    expect.stringContaining('Syntax Error'),
    expect.stringContaining('This asks for too much: aliases'),
  ]);
  expect(client.messages.join()).not.toContain('"http"');
});

function graphqlSocket(): PlainSocket {
  const client = new PlainSocket(`${service.socketAddress}/graphql`, ['graphql-transport-ws'], {
    perMessageDeflate: true,
  });
  opened.push(client);
  return client;
}
