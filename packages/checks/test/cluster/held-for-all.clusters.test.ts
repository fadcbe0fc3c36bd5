import { type Cluster, startGroup, type TestServer } from '@lockstep/servers';
import { inVainMs, patienceMs, patient, soonSilentMs } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { expect, test, vi } from 'vitest';
import { verifyOnce } from '../../src/engine/verify-once.ts';
import { silent } from '../../src/log.ts';
import type { TableResult } from '../../src/model/verdict.ts';
import { checkOnce } from '../support/check-once.ts';
import { stall } from '../support/cluster.ts';
import { pairConfig, verifyConfig } from '../support/config.ts';
import { engineConfig } from '../support/engine.ts';

/** Its members, where a schema may be read. */
async function shop({ members }: Cluster): Promise<Cluster['members']> {
  const [first] = members;
  await first.query('CREATE DATABASE shop');
  await first.query(`GRANT SELECT ON shop.* TO '${first.monitor.user}'@'127.0.0.1'`);
  return members;
}

async function haveRows(members: TestServer[], rows: number): Promise<void> {
  for (const member of members) {
    await vi.waitFor(
      async () => expect(await member.query('SELECT * FROM shop.t')).toHaveLength(rows),
      patient,
    );
  }
}

test.runIf(clusters.includes('group-replication'))(
  'what a member holds until all have a transaction ends on it as soon as nobody waits for it any more',
  async () => {
    await using cluster = await startGroup();
    const [n1, n2, n3] = await shop(cluster);
    await n1.query('CREATE TABLE shop.t (id INT PRIMARY KEY, v INT)');
    await n1.query('INSERT INTO shop.t VALUES (1, 1), (2, 2)');
    await haveRows([n2, n3], 2);
    // It is asked by a session that was there before, from what nothing holds.
    const held = () =>
      n2.query(
        `SELECT 1 FROM performance_schema.processlist WHERE USER = '${n2.monitor.user}' AND STATE LIKE '%hook%'`,
      );
    const pair = { name: 'shop', source: n1, target: n2 };
    const run = () => {
      const config = pairConfig(['shop.*'], { verify: { ...verifyConfig, waitMs: inVainMs } });
      return verifyOnce({
        engine: engineConfig({ servers: { source: n1, target: n2 }, pairs: [config] }),
        pair: config,
        only: null,
        signal: new AbortController().signal,
        log: silent,
        onProgress: () => undefined,
        onResult: () => undefined,
      });
    };
    const writer = await n1.connect();
    await writer.query(`SET group_replication_consistency = 'AFTER'`);
    let commit: Promise<unknown>;
    {
      await using _ = await stall(n3);
      commit = writer.query('UPDATE shop.t SET v = 3 WHERE id = 2');
      const check = run();
      await vi.waitFor(async () => expect(await held()).not.toEqual([]), patient);
      const { state, evidence } = await check;
      expect([state, evidence]).toEqual([
        'failed',
        expect.stringContaining('its cluster does not let it be read: target'),
      ]);
      await vi.waitFor(async () => expect(await held()).toEqual([]), patient);
    }
    await commit;
    expect(await checkOnce(pair)).toMatchObject([{ verdict: 'MATCH' }]);
  },
);

test.runIf(clusters.includes('group-replication'))(
  'a run waits while a member holds reads until all have a transaction, says so, and goes on with what it found',
  async () => {
    await using cluster = await startGroup();
    const [n1, n2, n3] = await shop(cluster);
    await n1.query('CREATE TABLE shop.a (id INT PRIMARY KEY, v INT)');
    await n1.query(
      'INSERT INTO shop.a WITH RECURSIVE n AS (SELECT 1 i UNION ALL SELECT i + 1 FROM n WHERE i < 900) SELECT i, i FROM n',
    );
    await n1.query('CREATE TABLE shop.b LIKE shop.a');
    for (let from = 0; from < 20_000; from += 900) {
      await n1.query(`INSERT INTO shop.b SELECT id + ${from}, v FROM shop.a`);
    }
    await n1.query('CREATE TABLE shop.t (id INT PRIMARY KEY, v INT)');
    await n1.query('INSERT INTO shop.t VALUES (1, 1)');
    await haveRows([n2, n3], 1);
    await n2.query('SET GLOBAL super_read_only = OFF');
    await n2.query('SET sql_log_bin = 0');
    await n2.query('UPDATE shop.b SET v = 0 WHERE id = 2');
    await n2.query('SET sql_log_bin = 1');
    await n2.query('SET GLOBAL super_read_only = ON');
    const writer = await n1.connect();
    await writer.query(`SET group_replication_consistency = 'AFTER'`);
    /** A run, in which reads are held from when so many chunks were done, for what it waits or until it says so. */
    const held = async (chunks: number, waitMs: number) => {
      const said: string[] = [];
      const begun = Promise.withResolvers<void>();
      const results: Record<string, TableResult> = {};
      const config = pairConfig(['shop.*'], { verify: { ...verifyConfig, waitMs, maxChunkRows: 20 } });
      const start = () =>
        verifyOnce({
          engine: engineConfig({ servers: { source: n1, target: n2 }, pairs: [config] }),
          pair: config,
          only: null,
          signal: new AbortController().signal,
          log: silent,
          onProgress: ({ evidence, progress }) => {
            said.push(evidence);
            if (progress.chunksDone >= chunks) begun.resolve();
          },
          onResult: (result) => (results[result.table] = result),
        });
      if (chunks === 0) begun.resolve();
      let check = chunks === 0 ? null : start();
      await begun.promise;
      let commit: Promise<unknown>;
      {
        await using _ = await stall(n3);
        commit = writer.query('UPDATE shop.t SET v = v + 1');
        check ??= start();
        await vi.waitFor(() => {
          const why = said.find((evidence) =>
            evidence.startsWith('paused: target: its group does not let it be read'),
          );
          expect(why).toContain(`'AFTER'`);
        }, patient);
        if (waitMs < patienceMs) await check;
      }
      const run = await check;
      await commit;
      return { run, results };
    };
    for (const chunks of [0, 300]) {
      const { run, results } = await held(chunks, patienceMs);
      expect(run).toMatchObject({ state: 'finished', verdicts: { MATCH: 2, DIFFERENT: 1 } });
      expect(results['b']).toMatchObject({ rowsCompared: 20_700, differences: { changed: 1 } });
    }
    const { run, results } = await held(300, soonSilentMs);
    expect(run.state).toBe('finished');
    expect(results['b']).toMatchObject({ verdict: 'DIFFERENT', differences: { changed: 1 } });
    expect(results['b']?.reason).toMatch(/does not let it be read/);
  },
);
