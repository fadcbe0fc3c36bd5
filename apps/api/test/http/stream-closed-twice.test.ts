import { patient } from '@lockstep/servers/patience';
import { expect, test, vi } from 'vitest';
import { RawConnection } from '../fixture/raw-connection.ts';
import { startService } from '../fixture/service.ts';

test('a stream that is closed once more before its client has read that it was ends nothing else', async () => {
  await using service = await startService();
  using client = new RawConnection(service.address);
  await client.opened;
  client.say('GET /graphql/stream HTTP/1.1', 'Host: localhost');
  await vi.waitFor(() => expect(client.text).toContain('"id"'), patient);
  const [, id] = /"id":"([^"]+)"/.exec(client.text) ?? [];
  client.socket.pause();
  const tell = (body: string) =>
    service.fetch(`/graphql/stream/${id}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
  await tell('{"type":"connection_init"}');
  const ping = JSON.stringify({ type: 'ping', payload: { said: 'x'.repeat(60_000) } });
  // More than the system keeps for a connection by itself, so that its end is not sent yet.
  for (let i = 0; i < 200; i++) await tell(ping);
  for (let i = 0; i < 3; i++) await tell('no message');
  expect((await service.graphql('{ version }')).status).toBe(200);
});
