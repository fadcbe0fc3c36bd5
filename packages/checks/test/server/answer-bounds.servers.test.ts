import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { patient, unhurriedMs } from '@lockstep/servers/patience';
import { sharedPair } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { silent } from '../../src/log.ts';
import { answerBounds } from '../../src/server/answer-bounds.ts';
import { ConnectionManager } from '../../src/server/connection-manager.ts';
import { Exchange } from '../../src/server/exchange.ts';
import type { Server } from '../../src/server/server.ts';
import { type Lane, ServerFault } from '../../src/server/sql-server.ts';
import { Wire } from '../../src/server/wire.ts';
import { connection, serverConfig } from '../support/config.ts';
import {
  askFor,
  columns,
  endless,
  greeting,
  lyingServer,
  madeUpServer,
  packet,
  sized,
} from '../support/made-up-server.ts';

const megabyte = 1024 * 1024;

const faultOf = async (work: Promise<unknown>): Promise<ServerFault> => {
  const error: unknown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(ServerFault);
  return error as ServerFault;
};

async function manage(config: ReturnType<typeof serverConfig>): Promise<Server> {
  const manager = new ConnectionManager({
    servers: [config],
    connection: { ...connection, firstDelayMs: 60_000, maxDelayMs: 60_000 },
    log: silent,
    onChange: () => undefined,
  });
  onTestFinished(() => manager.stop());
  manager.start();
  const server = manager.get(config.name);
  await vi.waitFor(() => expect(server.connected || server.state.attempts > 0).toBe(true), patient);
  return server;
}

const inUse = (): number => {
  setFlagsFromString('--expose-gc');
  // V8 itself keeps what it compiled for some collections.
  for (let i = 0; i < 6; i++) (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
};

/** One column's name. */
const column = (sequence: number): Buffer => {
  const [, named] = columns('a');
  return (named as Buffer).fill(sequence & 255, 3, 4);
};

/** The real server, which answers to LIES what it is told to, without an end. */
const liar = async (answer: () => Iterable<Buffer>) => {
  const { source } = await sharedPair('mysql');
  const door = await lyingServer(source.port, (sql) => (sql.includes('LIES') ? answer() : null));
  const server = await manage(serverConfig('db', source, door.port));
  return { server, sent: door.sent };
};

describe.each(['sampler', 'status', 'checks'] as const)('in lane %s', (lane: Lane) => {
  test('an answer of endless rows is cut off, and costs that one statement', async () => {
    const row = (sequence: number) => packet(sequence, sized('1'));
    const { server } = await liar(() => endless(columns('a'), row));
    const fault = await faultOf(server.query('SELECT LIES', [], { lane, timeoutMs: unhurriedMs }));
    expect(fault).toMatchObject({
      kind: 'client',
      reason: `its answer has more than ${answerBounds[lane].rows} rows`,
    });
    expect(await server.query('SELECT 1 AS a', [], { lane })).toHaveLength(1);
    expect(server.connected).toBe(true);
  });

  test('an answer of long rows is cut off by its bytes', async () => {
    const long = sized('x'.repeat(60_000));
    const { server, sent } = await liar(() => endless(columns('a'), (sequence) => packet(sequence, long)));
    const fault = await faultOf(server.query('SELECT LIES', [], { lane, timeoutMs: unhurriedMs }));
    const { bytes } = answerBounds[lane];
    expect(fault.reason).toBe(`its answer is longer than ${bytes / megabyte} MB`);
    // What lies in the buffers of two sockets was sent as well.
    expect(sent()).toBeLessThan(bytes + 32 * megabyte);
  });
});

test('endless columns are cut off', async () => {
  const tooMany = packet(1, Buffer.from([0xfe, 0, 0, 0, 0, 1, 0, 0, 0]));
  const { server } = await liar(() => endless([tooMany], column));
  expect(await faultOf(server.query('SELECT LIES', [], { timeoutMs: unhurriedMs }))).toMatchObject({
    kind: 'client',
  });
});

test('more columns than any table has are not read', async () => {
  const count = 5_000;
  const { server } = await liar(() => [
    packet(1, Buffer.from([0xfc, count & 255, count >> 8])),
    ...Array.from({ length: count }, (_, i) => column(i + 2)),
  ]);
  expect((await faultOf(server.query('SELECT LIES', [], { timeoutMs: unhurriedMs }))).reason).toMatch(
    /it has 5000 columns/,
  );
});

test.each([
  { answers: 200, columnsEach: 500 },
  { answers: 1_000, columnsEach: 1 },
])('names of columns that are never the same again do not stay: $columnsEach', async (sizes) => {
  const { answers, columnsEach } = sizes;
  let thought = 0;
  const name = () => String(++thought).padStart(20_000 / columnsEach, 'x');
  const { source } = await sharedPair('mysql');
  const door = await lyingServer(source.port, () => {
    const [, ...header] = columns(...Array.from({ length: columnsEach }, name));
    const count = packet(1, Buffer.from([0xfc, columnsEach & 255, columnsEach >> 8]));
    const end = packet(columnsEach + 3, 0xfe, Buffer.from([0, 0, 2, 0]));
    // At once, or each waits until the one before it is acknowledged.
    return [Buffer.concat([count, ...header, end])];
  });
  const config = serverConfig('db', source, door.port);
  const wire = new Wire(config, await config.password());
  onTestFinished(() => wire.destroy());
  await wire.handshake();
  const exchange = new Exchange(wire, config, answerBounds.checks);
  for (let i = 0; i < 10; i++) await exchange.send('LIES');
  const before = inUse();
  for (let i = 0; i < answers; i++) expect(await exchange.send('LIES')).toEqual([]);
  expect(inUse() - before).toBeLessThan(8 * megabyte);
});

test('a packet without an end is cut off', async () => {
  const part = packet(1, Buffer.alloc(0xffffff));
  const { server } = await liar(function* () {
    for (;;) yield part;
  });
  expect((await faultOf(server.query('SELECT LIES', [], { timeoutMs: unhurriedMs }))).kind).toBe('client');
});

test('packets out of their order are not read on', async () => {
  const complaints = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  onTestFinished(() => complaints.mockRestore());
  const { server } = await liar(() => endless(columns('a'), () => packet(99, sized('1'))));
  const fault = await faultOf(server.query('SELECT LIES', [], { timeoutMs: unhurriedMs }));
  expect(fault).toMatchObject({ kind: 'client', reason: 'its packets are out of order' });
  expect(complaints.mock.calls.length).toBeLessThan(10);
});

test('a farewell out of its order is read, and nothing is written beside the log', async () => {
  const complaints = vi.spyOn(console, 'error');
  onTestFinished(() => complaints.mockRestore());
  // What MySQL says to a client that it waited for too long (4031).
  const { server } = await liar(() => [
    packet(0, Buffer.from([0xff, 0xbf, 0x0f]), '#HY000you were inactive'),
  ]);
  const fault = await faultOf(server.query('SELECT LIES', [], { timeoutMs: unhurriedMs }));
  expect(fault.message).toContain('you were inactive');
  expect(complaints).not.toHaveBeenCalled();
});

test('who asks for many rows may have them', async () => {
  const { source } = await sharedPair('mysql');
  const server = await manage(serverConfig('db', source));
  const digits = '(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) AS';
  const many = `SELECT 1 AS a FROM ${[...'abcdef'].map((name) => `${digits} ${name}`).join(', ')}`;
  const query = { lane: 'sampler' } as const;
  expect((await faultOf(server.query(many, [], query))).kind).toBe('client');
  expect(await server.query(many, [], { ...query, maxRows: 4096 })).toHaveLength(4096);
});

test('endless packets in a login are cut off', async () => {
  let sent = 0;
  const port = await madeUpServer(greeting('caching_sha2_password'), (client, _, count) => {
    if (count > 0) return;
    const asked = Buffer.concat(
      Array.from({ length: 256 }, (_, i) => askFor(2 + i, 'caching_sha2_password')),
    );
    const pour = (): void => {
      while (!client.destroyed) {
        sent += asked.length;
        if (!client.write(asked)) break;
      }
    };
    client.on('drain', pour);
    pour();
  });
  const complaints = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  onTestFinished(() => complaints.mockRestore());
  const server = await manage({
    name: 'db',
    host: '127.0.0.1',
    port,
    user: 'lockstep',
    password: () => Promise.resolve('secret'),
    tls: null,
    serverPublicKey: null,
  });
  expect(server.evidence).toMatch(/it sends more than belongs to a login|out of order/);
  expect(sent).toBeLessThan(16 * megabyte);
});
