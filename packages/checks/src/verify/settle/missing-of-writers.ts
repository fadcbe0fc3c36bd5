import type { ChannelStatus } from '../../model/replication.ts';
import { formatMariadbGtids } from '../../position/mariadb-gtid-list.ts';
import { readAppliedPosition } from '../../position/read-position.ts';
import { lacksOf, sentToBoth } from '../../position/sent-to-both.ts';
import type { QueryOptions, SqlServer } from '../../server/sql-server.ts';

/** What one side has not yet that the other has, '' for nothing. */
export type Missing = () => Promise<string>;

/**
 * What one of two MariaDB servers has of whoever sends to the other as well, by one of its `channels`, and that one is
 * yet to get. Each comes at its own pace.
 */
export async function missingOfWriters(
  channels: readonly ChannelStatus[],
  { has, gets }: { has: SqlServer; gets: SqlServer },
  options: QueryOptions,
): Promise<Missing> {
  const applied = (server: SqlServer) => readAppliedPosition(server, 'mariadb-gtid', '', options);
  const [there, here] = [await applied(has), await applied(gets)];
  const ids = { has: has.facts!.serverId, gets: gets.facts!.serverId };
  const wanted = there && here ? sentToBoth(there, here, channels, ids) : [];
  return async () => {
    const now = wanted.length > 0 ? await applied(gets) : null;
    return now ? formatMariadbGtids(wanted.filter((gtid) => lacksOf(now, gtid))) : '';
  };
}
