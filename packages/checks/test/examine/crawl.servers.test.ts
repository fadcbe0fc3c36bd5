import { flavours, sharedPair } from '@lockstep/servers/vitest';
import { describe, expect, test } from 'vitest';
import { crawl } from '../../src/examine/crawl.ts';
import { silent } from '../../src/log.ts';
import { connection, serverConfig } from '../support/config.ts';
import { rewritingServer } from '../support/made-up-server.ts';

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
});
