import { once } from 'node:events';
import { type AddressInfo, connect as connectTo, createServer, type Socket } from 'node:net';
import { type ServerHandle, startServer, statementProxy } from '@lockstep/servers';
import { inVainMs, patient, unhurriedMs } from '@lockstep/servers/patience';
import { flavours, sharedPair } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { SqlConnection } from '../../src/server/sql-connection.ts';
import { serverConfig } from '../support/config.ts';
import { connect, reach } from '../support/connect.ts';

/** So many more sessions than a server has had by the time that it is started. */
const sessionsBefore = 100;

/** A way to a server on which connections can be left to themselves: nothing comes, and they do not end. */
async function silencing(port: number) {
  const ways = new Set<Socket>();
  let isOpen = true;
  const door = createServer((client) => {
    client.on('error', () => undefined);
    if (!isOpen) return void client.destroy();
    const server = connectTo(port, '127.0.0.1');
    ways.add(server);
    server.on('error', () => undefined);
    server.pipe(client, { end: false });
    client.on('data', (data) => server.write(data));
  });
  onTestFinished(() => void door.close());
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  return {
    port: (door.address() as AddressInfo).port,
    /** Those that there are; and until it is open again, no other is had. */
    silence: () => {
      isOpen = false;
      for (const server of ways) server.destroy();
    },
    open: () => void (isOpen = true),
  };
}

describe.each(flavours)('on %s', (flavour) => {
  test('behind a proxy that numbers sessions otherwise than the server nobody else’s statement is killed', async () => {
    const { source } = await sharedPair(flavour);
    const bystander = (await connect({ server: source })).server!;
    const [row] = await bystander.query('SELECT CONNECTION_ID() AS id', [], { lane: 'sampler' });
    const settled = vi.fn();
    const theirs = bystander.query('SELECT SLEEP(600) /* theirs */', [], {
      lane: 'sampler',
      timeoutMs: unhurriedMs,
    });
    theirs.then(settled, settled);
    const running = async () => {
      const rows = await source.query<{ info: string | null }>(
        'SELECT info AS info FROM information_schema.processlist',
      );
      return rows.filter(({ info }) => info?.includes('/* theirs */') && !info.includes('KILL')).length;
    };
    await vi.waitFor(async () => expect(await running()).toBe(1), patient);

    const proxy = await statementProxy(source, (client, main) => {
      main.once('data', (greeting) => {
        greeting.writeUInt32LE(Number(row?.['id']), greeting.indexOf(0, 5) + 1);
      });
      main.on('data', (data) => client.write(data));
      return (packet) => void main.write(packet);
    });
    onTestFinished(() => proxy.close());
    const { server } = await connect({
      server: { ...proxy, monitor: source.monitor } as unknown as ServerHandle,
    });
    await expect(server!.query('SELECT SLEEP(30)', [], { timeoutMs: inVainMs })).rejects.toThrow(/no answer/);
    await server!.stop();
    expect(settled).not.toHaveBeenCalled();
    expect(await running()).toBe(1);
  });

  test('of a server that was started again nobody’s statement is killed by the number of one from before', async () => {
    await using server = await startServer({ flavour });
    const way = await silencing(server.port);
    for (let i = 0; i < sessionsBefore; i++) await (await server.connect()).end();
    const db = reach(serverConfig('db', server, way.port));
    await db.waitUntilConnected(patient.timeout);
    const [row] = await db.query<{ id: number }>('SELECT CONNECTION_ID() AS id');
    const cancelling = new AbortController();
    const given = db.query('SELECT SLEEP(600)', [], { signal: cancelling.signal, timeoutMs: unhurriedMs });
    given.catch(() => undefined);
    const running = async (what: string) => {
      const rows = await server.query<{ id: number; info: string | null }>(
        'SELECT id AS id, info AS info FROM information_schema.processlist',
      );
      return rows.filter(({ info }) => info?.endsWith(what)).map(({ id }) => Number(id));
    };
    await vi.waitFor(async () => expect(await running('SLEEP(600)')).toEqual([Number(row?.id)]), patient);
    // Of a process in the place of one that was started in the same second nobody would know.
    await vi.waitFor(async () => {
      const [up] = await server.query<{ Value: string }>(`SHOW GLOBAL STATUS LIKE 'Uptime'`);
      expect(Number(up?.Value)).toBeGreaterThan(1);
    }, patient);
    way.silence();
    await server.kill9();
    await server.start();

    const limits = { statementMs: unhurriedMs, lockWaitSeconds: 5 };
    const { signal } = new AbortController();
    const theirs = async (): Promise<SqlConnection> => {
      const opened = await SqlConnection.open(serverConfig('a', server), limits, unhurriedMs, signal);
      onTestFinished(() => opened.destroy());
      return opened.threadId < Number(row?.id) ? theirs() : opened;
    };
    const bystander = await theirs();
    expect(bystander.threadId).toBe(Number(row?.id));
    const settled = vi.fn();
    bystander.query('SELECT SLEEP(600) /* theirs */', [], unhurriedMs).then(settled, settled);
    await vi.waitFor(async () => expect(await running('/* theirs */')).toHaveLength(1), patient);
    way.open();
    cancelling.abort();
    await db.stop();
    expect(settled).not.toHaveBeenCalled();
    expect(await running('/* theirs */')).toHaveLength(1);
  });
});
