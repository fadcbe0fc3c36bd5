import { type AddressInfo, connect, createServer } from 'node:net';
import { patient } from '@lockstep/servers/patience';
import { expect, test, vi } from 'vitest';
import { ListenError } from '../../src/http/server.ts';
import { PlainSocket } from '../fixture/plain-socket.ts';
import { startService, tokens } from '../fixture/service.ts';

test('a stop tells every socket that the service goes away, and ends every stream', async () => {
  const doors = listening();
  const service = await startService();
  expect(listening()).toBe(doors + 1);
  using plain = new PlainSocket(`${service.socketAddress}/ws`);
  using graphql = new PlainSocket(`${service.socketAddress}/graphql`, ['graphql-transport-ws']);
  await Promise.all([plain.opened, graphql.opened]);
  // Who says nothing for long is sent away for that.
  graphql.socket.send(JSON.stringify({ type: 'connection_init' }));
  await vi.waitFor(() => expect(graphql.messages).toHaveLength(1), patient);
  const stream = await service.fetch('/graphql?query=subscription{servers{name}}', {
    headers: { accept: 'text/event-stream' },
  });
  const ended = expect(stream.text()).rejects.toThrow();

  await service.stop();
  expect(await plain.closed).toMatchObject({ code: 1001 });
  expect(await graphql.closed).toMatchObject({ code: 1001 });
  await ended;
  await vi.waitFor(() => expect(service.listeners()).toBe(0), patient);
  expect(listening()).toBe(doors);
});

test('a stop does not wait for who does not answer', async () => {
  const service = await startService();
  using deaf = new PlainSocket(`${service.socketAddress}/ws`);
  await deaf.opened;
  deaf.socket.pause();
  const { port } = new URL(service.address);
  const halfAsked = connect(Number(port), '127.0.0.1');
  halfAsked.on('error', () => {});
  halfAsked.write('POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n');
  await vi.waitFor(() => expect(halfAsked.connecting).toBe(false), patient);

  await service.stop();
  await vi.waitFor(() => expect(halfAsked.destroyed).toBe(true), patient);
});

test('a port that is taken is an error that says what to do', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  const start = startService({ port });
  await expect(start).rejects.toThrow(ListenError);
  await expect(start).rejects.toThrow(`port ${port} of 127.0.0.1: another program does already`);
  other.close();
});

test('other machines are let in by tokens, or by auth: none in so many words, and not by default', async () => {
  const open = { host: '0.0.0.0' };
  await expect(startService(open)).rejects.toThrow('without http.auth');
  await (await startService({ ...open, auth: { kind: 'none', explicit: true } })).stop();
  await (await startService({ ...open, auth: tokens })).stop();
});

/** Of this process. That somebody answers at a port that was given back says nothing: it may be another's by then. */
function listening(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPServerWrap').length;
}
