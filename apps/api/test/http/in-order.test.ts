import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { patient } from '@lockstep/servers/patience';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { InOrder } from '../../src/http/guard/in-order.ts';
import { PlainSocket } from '../fixture/plain-socket.ts';
import { RawConnection } from '../fixture/raw-connection.ts';
import { type Service, startService } from '../fixture/service.ts';

let service: Service;
beforeEach(async () => {
  service = await startService();
});
afterEach(() => service.stop());

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

test('requests that come in one packet count as one, for they are answered one after the other', async () => {
  using connection = new RawConnection(service.address);
  connection.socket.write(get('/api/alerts').repeat(90) + get('/api/health/live'));
  await vi.waitFor(() => expect(connection.text).toContain('{"ok":true}'), patient);
  expect(connection.text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(91);
});

test('a thousand that come in one packet are not begun, and nobody else waits for them', async () => {
  let asked = 0;
  const { health } = service.engine;
  service.engine.health = () => (asked++, health.apply(service.engine));
  using connection = new RawConnection(service.address);
  await connection.opened;
  connection.socket.write(get('/api/health').repeat(1_000));
  expect((await service.graphql('{ version }')).status).toBe(200);
  await vi.waitFor(() => expect(connection.isCut()).toBe(true), patient);
  expect(asked).toBeLessThan(200);
});

test('what waits behind an answer that lasts holds a bounded memory', async () => {
  const order = new InOrder();
  const socket = new Socket();
  const turn = () => {
    const request = { socket, url: '/', rawHeaders: ['X-Long', 'x'.repeat(15_000)] };
    return order.turn(request as unknown as IncomingMessage, new EventEmitter() as ServerResponse);
  };
  expect(await turn()).toBe(true);
  const waiting = [turn(), turn(), turn(), turn()];
  expect(socket.destroyed).toBe(false);
  waiting.push(turn());
  expect(socket.destroyed).toBe(true);
  expect(await Promise.all(waiting)).toEqual(Array(5).fill(false));
});

test('messages that came together on one socket are worked on one in a turn, and others have theirs', async () => {
  using socket = new PlainSocket(`${service.socketAddress}/graphql`, ['graphql-transport-ws']);
  await socket.opened;
  // Who says nothing of themselves is let go after a while, which is short on a busy machine.
  socket.socket.send('{"type":"connection_init"}');
  await vi.waitFor(() => expect(socket.messages).toHaveLength(1), patient);
  const many = 500;
  for (let i = 0; i < many; i++) socket.socket.send('{"type":"ping"}');
  let turns = 0;
  while (socket.messages.length <= many) {
    expect(socket.socket.readyState).toBe(socket.socket.OPEN);
    turns++;
    await setImmediate();
  }
  expect(turns).toBeGreaterThan(many / 2);
});
