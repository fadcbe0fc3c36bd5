import { patient } from '@lockstep/servers/patience';
import { expect, test, vi } from 'vitest';
import { PlainSocket } from '../fixture/plain-socket.ts';
import { operatorToken, startService, tokens, viewerToken } from '../fixture/service.ts';

test('a socket that somebody else was named on than in its headers ends when either may not be here any more', async () => {
  await using service = await startService({ auth: tokens });
  const address = `${service.socketAddress}/graphql`;
  const authorization = `Bearer ${viewerToken}`;
  using client = new PlainSocket(address, ['graphql-transport-ws'], { headers: { authorization } });
  await client.opened;
  const payload = { authorization: `Bearer ${operatorToken}` };
  client.socket.send(JSON.stringify({ type: 'connection_init', payload }));
  await vi.waitFor(() => expect(client.messages).toHaveLength(1), patient);
  client.socket.send('{"type":"subscribe","id":"1","payload":{"query":"subscription { lag { pair } }"}}');
  await vi.waitFor(() => expect(service.listeners()).toBe(1), patient);
  if (tokens.kind !== 'tokens') throw new Error('there are tokens');
  const viewers = tokens.tokens.filter(({ role }) => role === 'viewer');
  service.admit({ auth: { kind: 'tokens', tokens: viewers } });
  await vi.waitFor(() => expect(service.listeners()).toBe(0), patient);
  expect(await client.closed).toMatchObject({ code: 4403 });
});
