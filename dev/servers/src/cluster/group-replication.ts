import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ServerBinaries, ServerUnavailable } from '../binaries/binaries.ts';
import { findOrInstall } from '../binaries/find-or-install.ts';
import type { TestServer } from '../process/test-server.ts';
import { text } from '../sql.ts';
import { type Cluster, equalServers, until } from './cluster.ts';

export const groupName = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';

/** What a member says of itself: ONLINE, RECOVERING, OFFLINE, ERROR. */
export async function memberState(member: TestServer): Promise<string> {
  const [row] = await member.query<{ state: string }>(
    'SELECT MEMBER_STATE AS state FROM performance_schema.replication_group_members WHERE MEMBER_ID = @@server_uuid',
  );
  return row?.state ?? '';
}

/** MySQL with its plugin. Rejects with `ServerUnavailable`. */
export async function findGroupReplication(): Promise<ServerBinaries> {
  const binaries = await findOrInstall('mysql');
  const plugin = join(dirname(dirname(binaries.shareFolder)), 'lib/mysql/plugin/group_replication.so');
  if (!existsSync(plugin)) throw new ServerUnavailable('mysql', `MySQL has no plugin at ${plugin}`);
  return binaries;
}

/** A group of three members by MySQL's Group Replication, over MySQL's own protocol; the first is its primary. */
export async function startGroup(options: string[] = []): Promise<Cluster> {
  const binaries = await findGroupReplication();
  const cluster = await equalServers(binaries, (index, ports) => [
    '--plugin-load-add=group_replication.so',
    '--loose-group_replication_communication_stack=MYSQL',
    `--loose-group_replication_local_address=127.0.0.1:${ports[index]}`,
    `--loose-group_replication_group_seeds=${ports.map((port) => `127.0.0.1:${port}`).join(',')}`,
    `--loose-group_replication_group_name=${groupName}`,
    '--loose-group_replication_recovery_get_public_key=ON',
    '--loose-group_replication_start_on_boot=OFF',
    '--report-host=127.0.0.1',
    ...options,
  ]);
  try {
    const { members } = cluster;
    await Promise.all(members.map((member) => member.start()));
    const [first, ...others] = members;
    for (const member of members) await letRecover(member);
    await first.query('SET GLOBAL group_replication_bootstrap_group = ON');
    await first.query('START GROUP_REPLICATION');
    await first.query('SET GLOBAL group_replication_bootstrap_group = OFF');
    for (const member of others) {
      await member.query('START GROUP_REPLICATION');
      await until(`the member on port ${member.port} is online`, async () => {
        return (await memberState(member)) === 'ONLINE';
      });
    }
    return cluster;
  } catch (error) {
    await cluster.remove();
    throw error;
  }
}

/** Each member has its own account by which others catch up from it. */
async function letRecover(member: TestServer): Promise<void> {
  const { user, password } = member.replication;
  const account = `'${user}'@'127.0.0.1'`;
  const watcher = `'${member.monitor.user}'@'127.0.0.1'`;
  await member.query('SET sql_log_bin = 0');
  await member.query(`GRANT CONNECTION_ADMIN, BACKUP_ADMIN, GROUP_REPLICATION_STREAM ON *.* TO ${account}`);
  for (const table of ['members', 'member_stats']) {
    await member.query(`GRANT SELECT ON performance_schema.replication_group_${table} TO ${watcher}`);
  }
  await member.query('SET sql_log_bin = 1');
  await member.query(
    `CHANGE REPLICATION SOURCE TO SOURCE_USER = '${user}', SOURCE_PASSWORD = ${text(password)}
     FOR CHANNEL 'group_replication_recovery'`,
  );
}
