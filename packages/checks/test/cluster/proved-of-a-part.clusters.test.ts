import { startGroup, type TestServer } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { expect, test, vi } from 'vitest';
import { looking } from '../support/cluster.ts';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { join } from '../support/in-and-out.ts';

const checks = {
  checksum: { enabled: false, schedule: { everyMs: 3_600_000 }, method: 'rows' as const },
  consistency: { enabled: false, schedule: { everyMs: 3_600_000 }, method: 'count' as const },
};

test.runIf(clusters.includes('group-replication'))(
  'that the tables of one pair match proves nothing of those of another between the same members',
  async () => {
    await using cluster = await startGroup();
    const [n1, n2, n3] = cluster.members;
    for (const schema of ['same', 'other']) {
      await n1.query(`CREATE DATABASE ${schema}`);
      await n1.query(`GRANT SELECT ON ${schema}.* TO '${n1.monitor.user}'@'127.0.0.1'`);
      await n1.query(`CREATE TABLE ${schema}.t (id INT AUTO_INCREMENT PRIMARY KEY, v INT)`);
    }
    const write = async (node: TestServer, times: number, v: number) => {
      for (let i = 0; i < times; i++) await node.query(`INSERT INTO other.t (v) VALUES (${v})`);
    };
    const rows = async (node: TestServer) =>
      (await node.query('SELECT v FROM other.t ORDER BY id')).map(({ v }) => Number(v));
    const arrived = async (node: TestServer, last: number) =>
      vi.waitFor(async () => expect((await rows(node)).at(-1)).toBe(last), patient);
    await write(n1, 1, 0);
    for (const node of [n2, n3]) await arrived(node, 0);
    const running = startEngine({
      servers: { n1, n2, n3 },
      pairs: ['same', 'other'].map((schema) =>
        pairConfig([`${schema}.*`], { name: schema, source: 'n3', target: 'n1', checks }),
      ),
    });
    const see = looking(running);
    const becomes = (pair: string, state: string) =>
      vi.waitFor(() => expect(see.pair(pair)?.state, see.pair(pair)?.evidence).toBe(state), patient);
    const checked = async (pair: string) => {
      const { id } = see.engine.startRun(pair, 'checksum', null, 'anna');
      await vi.waitFor(() => expect(see.engine.run(id)?.state).toBe('finished'), patient);
      return see.engine.run(id)!.verdicts;
    };
    const isOut = (server: string) =>
      vi.waitFor(() => expect(see.member(server).state).toBe('not-in-group'), patient);
    for (const pair of ['same', 'other']) await becomes(pair, 'in-sync');

    await n3.query('STOP GROUP_REPLICATION');
    await isOut('n3');
    await write(n1, 3, 1);
    await n2.query('STOP GROUP_REPLICATION');
    await n1.query('STOP GROUP_REPLICATION');
    await isOut('n1');
    await n3.query('SET GLOBAL group_replication_bootstrap_group = ON');
    await join(n3);
    await n3.query('SET GLOBAL group_replication_bootstrap_group = OFF');
    await write(n3, 6, 2);
    await join(n1);
    await write(n3, 1, 3);
    await arrived(n1, 3);
    expect(await rows(n1)).not.toEqual(await rows(n3));
    for (const pair of ['same', 'other']) {
      await becomes(pair, 'unknown');
      expect(see.pair(pair)?.evidence).toContain('begun anew by n3 without');
    }
    expect(await checked('same')).toEqual({ MATCH: 1 });
    await becomes('same', 'in-sync');
    const looked = see.pair('other')!.lag!.at;
    await vi.waitFor(
      () => expect(see.pair('other')!.lag!.at.getTime()).toBeGreaterThan(looked.getTime()),
      patient,
    );
    expect(see.pair('other')).toMatchObject({
      state: 'unknown',
      evidence: expect.stringContaining('begun anew by n3 without') as string,
    });
  },
);
