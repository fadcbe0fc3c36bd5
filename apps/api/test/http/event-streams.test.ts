import { lagSample } from '@lockstep/fixture';
import { patient } from '@lockstep/servers/patience';
import { afterEach, expect, test, vi } from 'vitest';
import { operatorToken, type Service, startService, tokens, viewerToken } from '../fixture/service.ts';

let service: Service;
const leaving = new AbortController();
afterEach(() => service.stop());

const as = (token: string) => ({ authorization: `Bearer ${token}` });

/** Opens a stream; `heard` grows as it speaks. */
async function open(token = viewerToken, signal?: AbortSignal) {
  const answer = await service.fetch('/graphql/stream', { headers: as(token), ...(signal && { signal }) });
  const stream = { status: answer.status, type: answer.headers.get('content-type'), heard: '', ended: false };
  const read = async () => {
    for await (const chunk of answer.body ?? []) stream.heard += Buffer.from(chunk as Uint8Array).toString();
    stream.ended = true;
  };
  void read().catch(() => (stream.ended = true));
  return stream;
}

function idIn({ heard }: { heard: string }): string {
  return /^event: opened\ndata: {"id":"([\w-]{32})"}\n\n/.exec(heard)?.[1] ?? '';
}

const tell = (id: string, message: object, token = viewerToken) =>
  service.fetch(`/graphql/stream/${id}`, {
    method: 'POST',
    headers: { ...as(token), 'content-type': 'application/json' },
    body: JSON.stringify(message),
  });

test('who asks for the head of a stream alone is refused once, and no answer is begun', async () => {
  service = await startService({ auth: tokens });
  const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const answer = await service.fetch('/graphql/stream', { method: 'HEAD', headers: as(viewerToken) });
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET']);
  expect(printed).not.toHaveBeenCalled();
  printed.mockRestore();
});

test('a subscription lives where no WebSocket comes through, and ends with its stream', async () => {
  service = await startService({ auth: tokens });
  const stream = await open(viewerToken, leaving.signal);
  expect([stream.status, stream.type]).toEqual([200, 'text/event-stream; charset=utf-8']);
  await vi.waitFor(() => expect(idIn(stream)).not.toBe(''), patient);
  const id = idIn(stream);
  expect((await tell(id, { type: 'connection_init' })).status).toBe(204);
  await vi.waitFor(() => expect(stream.heard).toContain('data: {"type":"connection_ack"}\n\n'), patient);
  const before = service.listeners();
  await tell(id, { id: '1', type: 'subscribe', payload: { query: 'subscription { lag { pair } }' } });
  await vi.waitFor(() => expect(service.listeners()).toBeGreaterThan(before), patient);
  service.pubsub.publish({ type: 'lag', pair: 'orders', data: lagSample('orders') });
  await vi.waitFor(() => expect(stream.heard).toContain('"lag":{"pair":"orders"}'), patient);
  await tell(id, { type: 'ping' });
  await vi.waitFor(() => expect(stream.heard).toContain('data: {"type":"pong"}\n\n'), patient);
  leaving.abort();
  await vi.waitFor(() => expect(service.listeners()).toBe(before), patient);
  await vi.waitFor(async () => expect((await tell(id, { type: 'ping' })).status).toBe(404), patient);
});

test('nobody but who opened a stream speaks on it', async () => {
  service = await startService({ auth: tokens });
  const stream = await open();
  await vi.waitFor(() => expect(idIn(stream)).not.toBe(''), patient);
  expect((await tell(idIn(stream), { type: 'ping' }, operatorToken)).status).toBe(404);
  expect((await tell(idIn(stream), { type: 'ping' }, 'somebody-unknown-123')).status).toBe(401);
  expect((await tell('x'.repeat(32), { type: 'ping' })).status).toBe(404);
});

test('a stream counts as a connection of its client, and takes no message that a socket would not take', async () => {
  service = await startService({ auth: tokens, maxConnectionsPerClient: 1 });
  const stream = await open();
  await vi.waitFor(() => expect(idIn(stream)).not.toBe(''), patient);
  expect((await open()).status).toBe(429);
  expect((await tell(idIn(stream), { type: 'ping', payload: { x: 'x'.repeat(70_000) } })).status).toBe(413);
  // It is closed as a socket is by what is no message.
  await tell(idIn(stream), { type: 'nonsense' });
  await vi.waitFor(
    () => expect([stream.heard.includes('event: closed'), stream.ended]).toEqual([true, true]),
    patient,
  );
});
