import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { pageOf, tableResult } from '@lockstep/fixture';
import { patient } from '@lockstep/servers/patience';
import { expect, test, vi } from 'vitest';
import { LargeQueries } from '../../src/http/graphql/large-queries.ts';
import { longAnswer } from '../../src/http/graphql/long-answers.ts';
import { PlainSocket } from '../fixture/plain-socket.ts';
import { startService } from '../fixture/service.ts';

test("one client's many dear queries keep nobody else's away, and few are at work at a time", async () => {
  const queries = new LargeQueries();
  const entered: string[] = [];
  const enter = async (client: string) => {
    const leave = await queries.enter(client);
    entered.push(client);
    return leave!;
  };
  const many = Array.from({ length: 50 }, () => enter('many'));
  const others = ['one', 'two'].map(enter);
  await setImmediate();
  expect(entered).toEqual(['many', 'one']);

  (await others[0]!)();
  await setImmediate();
  expect(entered).toEqual(['many', 'one', 'two']);
  (await others[1]!)();
  for (const query of many) (await query)();
  expect(entered).toHaveLength(52);
});

test('who has gone does not wait', async () => {
  const queries = new LargeQueries();
  const leave = await queries.enter('many');
  const gone = new AbortController();
  const left = queries.enter('many', gone.signal);
  const stays = queries.enter('many');
  gone.abort();
  expect(await left).toBeNull();
  leave!();
  expect(await stays).not.toBeNull();
  expect(await queries.enter('many', gone.signal)).toBeNull();
});

test('more than a hundred of one client do not wait', async () => {
  const queries = new LargeQueries();
  for (let i = 0; i < 101; i++) void queries.enter('many');
  expect(await queries.enter('many')).toBeNull();
  expect(await queries.enter('other')).not.toBeNull();
});

test('long answers are made two at a time, and one of each client', async () => {
  const begun: string[] = [];
  const begin = (client: string, answer?: ServerResponse) =>
    longAnswer(client, answer).then((made) => {
      begun.push(made ? client : `${client} has gone`);
      return made;
    });
  const first = await begin('one');
  const leaving = Object.assign(new EventEmitter(), { closed: false });
  const others = [begin('one'), begin('two'), begin('three'), begin('four', leaving as ServerResponse)];
  await setImmediate();
  expect(begun).toEqual(['one', 'two']);
  leaving.emit('close');
  await setImmediate();
  expect(begun).toEqual(['one', 'two', 'four has gone']);
  first?.();
  await setImmediate();
  expect(begun).toEqual(['one', 'two', 'four has gone', 'three']);
  for (const other of [1, 2, 0]) (await others[other])?.();
  await setImmediate();
  expect(begun).toHaveLength(5);
  expect(await longAnswer('gone', { ...leaving, closed: true, once() {}, off() {} } as never)).toBeNull();
  (await begin('next'))?.();
});

test('whoever asks for long answers at a time has all of them, over HTTP and over a socket', async () => {
  await using service = await startService();
  const [known] = service.engine.tableStates;
  const tables = Array.from({ length: 500 }, (_, i) => ({
    ...known!,
    table: `t${i}`,
    checksum: tableResult(`t${i}`, { reason: 'x'.repeat(2_000) }),
  }));
  service.engine.tablePage = () => pageOf(tables, { limit: 500 });
  const query = '{ pair(name: "orders") { tables(first: 500) { nodes { checksum { reason } } } } }';
  using socket = new PlainSocket(`${service.socketAddress}/graphql`, ['graphql-transport-ws']);
  await socket.opened;
  socket.socket.send('{"type":"connection_init"}');
  for (let id = 0; id < 5; id++) {
    socket.socket.send(JSON.stringify({ type: 'subscribe', id: `${id}`, payload: { query } }));
  }
  const answers = await Promise.all(Array.from({ length: 10 }, () => service.graphql(query)));
  for (const { data, errors } of answers) {
    expect(errors).toBeUndefined();
    expect(JSON.stringify(data).length).toBeGreaterThan(1_000_000);
  }
  const whole = () => socket.messages.filter((message) => message.length > 1_000_000);
  await vi.waitFor(() => expect(whole()).toHaveLength(5), patient);
});
