import { join } from 'node:path';
import { type ClusterKind, startGalera, startGroup, type TestServer } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { expect, test, vi } from 'vitest';
import { lockstep } from '../cli/program.ts';
import { writeFiles } from '../config/write.ts';

const password = 'Pass-word-1';

function configure(source: TestServer, target: TestServer, user: string): string {
  const server = ({ host, port }: TestServer) => JSON.stringify({ host, port, user, password });
  const text = `servers:
  n2: ${server(source)}
  n1: ${server(target)}
pairs:
  - name: members
    source: n2
    target: n1
    tables: {include: ['shop.*']}
`;
  return join(writeFiles({ 'lockstep.yaml': text }), 'lockstep.yaml');
}

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
    const file = configure(second, first, 'not_there_yet');
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
