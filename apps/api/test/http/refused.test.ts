import { patient } from '@lockstep/servers/patience';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { RawConnection } from '../fixture/raw-connection.ts';
import { type Service, startService, tokens } from '../fixture/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService({ auth: tokens });
});
afterAll(() => service.stop());

const upgrade = (path: string) => [
  `GET ${path} HTTP/1.1`,
  'Host: localhost',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
];

test.each(['/nope', '/ws', '/graphql?%'])(
  'who is refused a WebSocket at %s is told so and put out, whether they go or not',
  async (path) => {
    using stays = new RawConnection(service.address);
    stays.say(...upgrade(path), 'Authorization: Bearer wrong');
    await vi.waitFor(() => expect(stays.text).toMatch(/^HTTP\/1.1 4\d\d /), patient);
    await vi.waitFor(() => expect(stays.isCut()).toBe(true), patient);
  },
);

test('a client that offers HTTP/2 on the way gets its answer in HTTP/1.1', async () => {
  using curl = new RawConnection(service.address);
  curl.say(
    'GET /api/health/live HTTP/1.1',
    'Host: localhost',
    'Connection: Upgrade, HTTP2-Settings, close',
    'Upgrade: h2c',
    'HTTP2-Settings: AAMAAABkAAQAAP__',
  );
  await vi.waitFor(() => expect(curl.text).toMatch(/^HTTP\/1.1 200 [^]*{"ok":true}/), patient);
});

test('a balancer that asks in HTTP/1.0, without a Host, gets its answer', async () => {
  using balancer = new RawConnection(service.address);
  balancer.say('GET /api/health/live HTTP/1.0');
  await vi.waitFor(() => expect(balancer.text).toMatch(/^HTTP\/1.1 200 [^]*{"ok":true}/), patient);
});
