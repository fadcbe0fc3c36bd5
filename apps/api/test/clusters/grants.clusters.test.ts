import { type ClusterKind, startGalera, startGroup, type TestServer } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { expect, test, vi } from 'vitest';
import { lockstep } from '../cli/program.ts';
import { configured } from './support.ts';

const password = 'Pass-word-1';

const position: Record<ClusterKind, string> = {
  galera: '@@global.gtid_binlog_pos',
  'group-replication': '@@global.gtid_executed',
};

test.each(clusters)(
  'what lockstep grants prints for a member of a %s cluster, run there as it is, comes to all in one history',
  async (kind) => {
    await using cluster = await (kind === 'galera' ? startGalera() : startGroup());
    // The first takes writes in any case.
    const [first, second] = cluster.members;
    await first.query('CREATE DATABASE shop');
    const account = { user: 'not_there_yet', password };
    const file = configured('members', { n2: { handle: second, account }, n1: { handle: first, account } });
    const run = lockstep(['grants', '--config', file]);
    expect(await run.ended).toBe(0);
    const [, ofTarget = ''] = run.stdout.split(/^-- (?=n1)/m);
    const admin = await first.connect();
    await admin.query(ofTarget.replace(/^.*\n/, '').replace('…', password));
    await admin.end();

    const grants = (member: TestServer) => member.query(`SHOW GRANTS FOR 'not_there_yet'@'%'`);
    const at = async (member: TestServer) => {
      const [row] = await member.query<{ at: string }>(`SELECT ${position[kind]} AS at`);
      return row?.at;
    };
    const made = await grants(first);
    expect(made.length).toBeGreaterThan(1);
    for (const member of cluster.members) {
      await vi.waitFor(async () => expect(await grants(member)).toEqual(made), patient);
      await vi.waitFor(async () => expect(await at(member)).toBe(await at(first)), patient);
    }

    const known = lockstep(['grants', '--config', file]);
    expect(await known.ended).toBe(0);
    expect(known.stdout).not.toContain('sql_log_bin');
    expect(known.stdout.match(/brings to all (nodes|members)/g)).toHaveLength(2);
  },
);
