import { patient } from '@lockstep/servers/patience';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { heapInUse } from '../fixture/heap-in-use.ts';
import type { PlainSocket } from '../fixture/plain-socket.ts';
import { PlainSockets } from '../fixture/plain-sockets.ts';
import { operatorToken, type Service, startService, tokens, viewerToken } from '../fixture/service.ts';

let service: Service;
const sockets = new PlainSockets();
beforeEach(async () => {
  service = await startService({ auth: tokens });
});
afterEach(async () => {
  sockets[Symbol.dispose]();
  await service.stop();
});

const megabyte = 1024 * 1024;
const names = ['pair', 'at', 'lagMs', 'method', 'evidence', 'serverLagMs', 'uncertaintyMs'];
const fields = Array.from({ length: 1_380 }, (_, i) => names[i % names.length]).join(' ');

/** No two of them are the same: each takes half a megabyte once it is parsed. */
let thought = 0;
const largeQuestion = () => `subscription S${++thought} { lag { ${fields} } }`;

const viewer = { authorization: `Bearer ${viewerToken}` };

async function signIn(): Promise<string> {
  const response = await service.fetch('/api/session', {
    method: 'POST',
    body: JSON.stringify({ token: viewerToken }),
  });
  return response.headers.getSetCookie()[0]!.split(';')[0]!;
}

/** As many as fit into what one socket may hold. */
async function askMuch(client: PlainSocket): Promise<void> {
  const before = service.listeners();
  for (let i = 0; i < 6; i++) {
    const payload = { query: largeQuestion() };
    client.socket.send(JSON.stringify({ type: 'subscribe', id: `${i}`, payload }));
  }
  await vi.waitFor(
    () => expect(service.listeners() === before + 6 || sockets.open.length < sockets.all.length).toBe(true),
    patient,
  );
}

describe('what clients ask for', () => {
  test('holds no more than so much memory on all sockets of one client', async () => {
    for (let i = 0; i < 8; i++) await askMuch(await sockets.known(service, viewer));
    expect(sockets.open.length).toBeLessThan(8);
    const [closed] = sockets.all.filter((client) => !sockets.open.includes(client));
    expect(await closed!.closed).toMatchObject({ code: 4429 });
    expect((await service.graphql('{ version }', {}, viewer)).status).toBe(200);
  });

  test('holds no more in streams over HTTP, which others can have all the same', async () => {
    const leaving = new AbortController();
    const ask = async (authorization: string) => {
      const response = await service.fetch('/graphql', {
        method: 'POST',
        signal: leaving.signal,
        headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization },
        body: JSON.stringify({ query: largeQuestion() }),
      });
      const reader = response.body!.getReader();
      const { value } = await reader.read();
      return new TextDecoder().decode(value);
    };
    const told: string[] = [];
    while (told.length < 50 && !told.at(-1)?.includes('TOO_MANY')) told.push(await ask(viewer.authorization));
    expect(told.at(-1)).toContain('TOO_MANY');
    expect(await ask(`Bearer ${operatorToken}`)).not.toContain('TOO_MANY');
    leaving.abort();
  });

  test('is cut of who holds the most where all hold too much together', async () => {
    await service.stop();
    service = await startService({ auth: tokens, maxConnections: 40 });
    const page = await sockets.known(service, { authorization: `Bearer ${operatorToken}` });
    page.socket.send('{"type":"subscribe","id":"1","payload":{"query":"subscription { lag { pair } }"}}');
    await vi.waitFor(() => expect(service.listeners()).toBe(1), patient);
    for (let session = 0; session < 4; session++) {
      const cookie = await signIn();
      for (let i = 0; i < 4; i++) await askMuch(await sockets.known(service, {}, { cookie }));
    }
    await vi.waitFor(() => expect(sockets.open.length).toBeLessThan(sockets.all.length), patient);
    expect(sockets.open).toContain(page);
  });

  test('is let go of what came with the first message', async () => {
    const junk = Array.from({ length: 20_000 }, () => ({}));
    const before = heapInUse();
    for (let i = 0; i < 30; i++) await sockets.known(service, { ...viewer, junk });
    expect(heapInUse() - before).toBeLessThan(10 * megabyte);
  });
});
