import { createSocket } from 'node:dgram';
import dns from 'node:dns';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { pipeline } from 'node:stream';
import { startServer, type TestServer } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { silent } from '../../src/log.ts';
import type { ServerState } from '../../src/model/server.ts';
import { ConnectionManager } from '../../src/server/connection-manager.ts';
import { connection, serverConfig } from '../support/config.ts';

const name = 'db.lockstep.test';

/** A name server for one name; Node asks it in the place of the system's. `answers`: at each question. */
async function nameServer(answers: () => string[]): Promise<{ asked: () => number }> {
  let asked = 0;
  const socket = createSocket('udp4');
  socket.on('message', (question, { port, address }) => {
    const addresses = answers();
    asked++;
    const header = Buffer.from(question.subarray(0, 12));
    header.writeUInt16BE(addresses.length > 0 ? 0x8180 : 0x8183, 2);
    header.writeUInt16BE(addresses.length, 6);
    header.writeUInt32BE(0, 8);
    const end = question.indexOf(0, 12) + 5;
    const records = addresses.map((each) =>
      Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, ...each.split('.').map(Number)]),
    );
    socket.send(Buffer.concat([header, question.subarray(12, end), ...records]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const resolver = new dns.Resolver();
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  const system = dns.lookup;
  const spy = vi.spyOn(dns, 'lookup').mockImplementation(((
    host: string,
    options: dns.LookupOptions,
    done: Done,
  ) => {
    if (host !== name) {
      system(host, options, done as never);
      return;
    }
    resolver.resolve4(host, (error, found) => {
      if (error) done(error, []);
      else if (options.all) {
        done(
          null,
          found.map((address) => ({ address, family: 4 })),
        );
      } else done(null, found[0]!, 4);
    });
  }) as typeof dns.lookup);
  onTestFinished(() => {
    spy.mockRestore();
    socket.close();
  });
  return { asked: () => asked };
}

type Done = (error: Error | null, address: string | dns.LookupAddress[], family?: number) => void;

/** The same port on two addresses of this machine, each leading to another server. */
async function twoHosts(servers: TestServer[]): Promise<{ port: number; hosts: string[] }> {
  const hosts = ['127.0.0.2', '127.0.0.3'];
  let port = 0;
  for (const [i, host] of hosts.entries()) {
    const door = createServer((client) => {
      const upstream = connect(servers[i]!.port, '127.0.0.1');
      pipeline(client, upstream, client, () => undefined);
    });
    onTestFinished(() => void door.close());
    door.listen(port, host);
    await once(door, 'listening');
    port = (door.address() as AddressInfo).port;
  }
  return { port, hosts };
}

describe.each(flavours)('on %s', (flavour) => {
  let servers: TestServer[];
  beforeAll(async () => {
    servers = await Promise.all([startServer({ flavour }), startServer({ flavour })]);
    for (const server of servers) await server.query(`CREATE USER 'same'@'127.0.0.1' IDENTIFIED BY 'pw'`);
  });
  afterAll(() => Promise.all(servers.map((server) => server.remove())));

  const manage = (port: number) => {
    const states: ServerState[] = [];
    const config = { ...serverConfig('db', servers[0]!, port), host: name, user: 'same' };
    const manager = new ConnectionManager({
      servers: [{ ...config, password: () => Promise.resolve('pw') }],
      connection: { ...connection, healthIntervalMs: 100, renewMs: 100, leftAloneMs: 3_600_000 },
      log: silent,
      onChange: (state) => states.push(state),
    });
    onTestFinished(() => manager.stop());
    manager.start();
    const db = manager.get('db');
    const at = async () => {
      const [row] = await db.query('SELECT @@port AS port', [], { lane: 'sampler' });
      return Number(row?.['port']);
    };
    return { db, states, at };
  };

  test('a host name whose answer changes is told as moved, once, while the old address lives', async () => {
    const { port, hosts } = await twoHosts(servers);
    let answer = [hosts[0]!];
    const { asked } = await nameServer(() => answer);
    const { db, states, at } = manage(port);
    expect(await db.waitUntilConnected(patient.timeout)).toBe(true);
    expect(await at()).toBe(servers[0]!.port);
    answer = [hosts[1]!];
    await vi.waitFor(async () => expect(await at().catch(() => 0)).toBe(servers[1]!.port), patient);
    const before = asked();
    await vi.waitFor(() => expect(asked()).toBeGreaterThan(before + 3), patient);
    expect(new Set(states.flatMap(({ replaced }) => replaced?.at.getTime() ?? [])).size).toBe(1);
  });

  test('a name with two addresses, given in turn, is one that balances', async () => {
    const { port, hosts } = await twoHosts(servers);
    let turn = 0;
    await nameServer(() => (turn++ % 2 === 0 ? hosts : hosts.toReversed()));
    const { db, at } = manage(port);
    await vi.waitFor(async () => {
      await at().catch(() => 0);
      expect(db.state.evidence).toMatch(/each connection leads to another server \(2 seen: .+name instances/);
    }, patient);
  });

  test('a name that is gone is said to be so, and what it led to is still watched', async () => {
    const { port, hosts } = await twoHosts(servers);
    let answer = [hosts[0]!];
    await nameServer(() => answer);
    const { db, at } = manage(port);
    expect(await db.waitUntilConnected(patient.timeout)).toBe(true);
    expect(await at()).toBe(servers[0]!.port);
    answer = [];
    await vi.waitFor(() => expect(db.state.broken?.message).toContain('the host name is not known'), patient);
    expect(await at()).toBe(servers[0]!.port);
  });
});
