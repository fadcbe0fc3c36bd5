import { replicate, startServer } from '@lockstep/servers';
import { flavours, sharedPair } from '@lockstep/servers/vitest';
import { describe, expect, test } from 'vitest';
import { crawl } from '../../src/examine/crawl.ts';
import { silent } from '../../src/log.ts';
import { connection, serverConfig } from '../support/config.ts';
import { rewritingServer } from '../support/made-up-server.ts';
import { ofOneName } from '../support/of-one-name.ts';

const upTo = (count: number) =>
  `(WITH RECURSIVE n AS (SELECT 0 AS i UNION ALL SELECT i + 1 FROM n WHERE i < ${count - 1}) SELECT i FROM n)`;

describe.each(flavours)('on %s', (flavour) => {
  test('a server that names replicas by the thousand is not followed to all of them', async () => {
    const { source } = await sharedPair(flavour);
    // Where nobody listens.
    const replicas = `SELECT a.i * 40 + b.i + 1 AS Server_Id, '127.0.0.1' AS Host, a.i * 40 + b.i + 1 AS Port
      FROM ${upTo(40)} AS a, ${upTo(40)} AS b`;
    const port = await rewritingServer(source.port, (sql) =>
      sql.replace(/SHOW (REPLICAS|SLAVE HOSTS)/, replicas),
    );
    const first = serverConfig('first', source, port);
    const { signal } = new AbortController();
    const { servers, notes } = await crawl({ first, connection, log: silent, signal });
    expect(servers.length).toBeLessThanOrEqual(1_001);
    expect(notes).toContainEqual(expect.stringMatching(/^more than 1000 addresses are named/));
  });

  test('a port that there cannot be is none that somebody names', async () => {
    const { source } = await sharedPair(flavour);
    const replicas = `SELECT 77 AS Server_Id, '127.0.0.1' AS Host, 99999999 AS Port`;
    const port = await rewritingServer(source.port, (sql) =>
      sql.replace(/SHOW (REPLICAS|SLAVE HOSTS)/, replicas),
    );
    const first = serverConfig('first', source, port);
    const { signal } = new AbortController();
    const { servers } = await crawl({ first, connection, log: silent, signal });
    expect(servers.map((server) => server.port)).not.toContain(99_999_999);
  });

  test('two servers of one name for themselves are two, and each replica is drawn below the one that it reads from', async () => {
    await using one = await startServer({ flavour });
    await using other = await startServer({ flavour, serverId: one.serverId });
    await using target = await startServer({ flavour });
    const ports = await Promise.all([one, other].map((server, i) => ofOneName(server, one, `host${i}`)));
    for (const [i, server] of [one, other].entries()) {
      await replicate(target, server, { channel: `from${i}`, port: ports[i]!, gtid: false });
    }
    const status = flavour === 'mysql' ? 'REPLICATION CLIENT' : 'SLAVE MONITOR, BINLOG MONITOR';
    for (const server of [one, other, target]) {
      await server.query('SET sql_log_bin = 0');
      await server.query(`CREATE USER 'same'@'127.0.0.1' IDENTIFIED BY 'pw'`);
      await server.query(`GRANT ${status} ON *.* TO 'same'@'127.0.0.1'`);
    }
    const account = { user: 'same', password: () => Promise.resolve('pw') };
    const first = { ...serverConfig('first', target), ...account };
    const { signal } = new AbortController();
    const { servers, links } = await crawl({ first, connection, log: silent, signal });
    expect(servers.map(({ port, fault }) => [port, fault]).sort()).toEqual(
      [target.port, ...ports].map((port) => [port, null]).sort(),
    );
    expect(links.map(({ source, channel }) => [channel, source.port]).sort()).toEqual([
      ['from0', ports[0]],
      ['from1', ports[1]],
    ]);
  });

  test('a replica that has the server_id of another server is drawn, or said to be missing', async () => {
    await using source = await startServer({ flavour });
    await using one = await startServer({ flavour });
    await using other = await startServer({ flavour });
    await using far = await startServer({ flavour, serverId: other.serverId });
    for (const server of [one, other]) await replicate(server, source);
    await replicate(far, one);
    const status =
      flavour === 'mysql'
        ? 'REPLICATION CLIENT, REPLICATION SLAVE, PROCESS'
        : 'SLAVE MONITOR, BINLOG MONITOR, REPLICATION MASTER ADMIN, PROCESS';
    for (const server of [source, one, other, far]) {
      await server.query('SET sql_log_bin = 0');
      await server.query(`CREATE USER 'same'@'127.0.0.1' IDENTIFIED BY 'pw'`);
      await server.query(`GRANT ${status} ON *.* TO 'same'@'127.0.0.1'`);
    }
    const account = { user: 'same', password: () => Promise.resolve('pw') };
    const first = { ...serverConfig('first', source), ...account };
    const { signal } = new AbortController();
    const { servers, notes } = await crawl({ first, connection, log: silent, signal });
    const found = servers.map(({ port }) => port);
    const near = [source, one, other].map(({ port }) => port);
    expect(found).toEqual(expect.arrayContaining(near));
    if (!found.includes(far.port)) {
      expect(notes).toEqual([
        expect.stringContaining(
          `${one.port} has a replica with server_id ${far.serverId}, which 127.0.0.1:${other.port} has, too, that was not found`,
        ),
      ]);
    }
  });
});
