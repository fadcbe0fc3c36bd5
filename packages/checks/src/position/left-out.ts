import type { ChannelStatus, ReplicationFilter } from '../model/replication.ts';
import type { TableName } from '../table-name.ts';
import { anyMany, anyOne, isLike } from '../wildcards.ts';

/**
 * The replication filter by which a channel leaves a table out; null when none does. As for row events: databases
 * first, then tables in the order in which servers ask. `fold`: the target compares names without case.
 */
export function leftOutBy(
  { filters }: Pick<ChannelStatus, 'filters'>,
  name: TableName,
  fold = false,
): ReplicationFilter | null {
  const cased = (text: string) => (fold ? text.toLowerCase() : text);
  const [schema, table] = [cased(name.schema), cased(name.table)];
  const find = (name: string) => filters.find((filter) => filter.name === name) ?? null;
  const listed = (filter: ReplicationFilter | null, fits: (entry: string) => boolean): boolean =>
    filter !== null && filter.value.split(',').some((entry) => fits(cased(entry.trim())));
  const isSchema = (entry: string) => entry === schema;
  const isTable = (entry: string) => entry.replaceAll('`', '') === `${schema}.${table}`;
  const likes = (entry: string) => isLike(likeSigns(entry), `${schema}.${table}`);

  const doDb = find('Replicate_Do_DB');
  if (doDb && !listed(doDb, isSchema)) return doDb;
  const ignoreDb = find('Replicate_Ignore_DB');
  if (!doDb && listed(ignoreDb, isSchema)) return ignoreDb;

  const [doTable, wildDo] = [find('Replicate_Do_Table'), find('Replicate_Wild_Do_Table')];
  const [ignore, wildIgnore] = [find('Replicate_Ignore_Table'), find('Replicate_Wild_Ignore_Table')];
  if (listed(doTable, isTable)) return null;
  if (listed(ignore, isTable)) return ignore;
  if (listed(wildDo, likes)) return null;
  if (listed(wildIgnore, likes)) return wildIgnore;
  return doTable ?? wildDo;
}

/** A pattern of LIKE, `%` and `_` with `\` before those that are meant. */
function likeSigns(pattern: string): string[] {
  return (pattern.match(/\\?[^]/g) ?? []).map((part) =>
    part === '%' ? anyMany : part === '_' ? anyOne : part.slice(-1),
  );
}
