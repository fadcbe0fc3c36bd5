import type { ChannelStatus, ReplicationFilter } from '../model/replication.ts';
import type { TableName } from '../table-name.ts';
import { anyMany, anyOne, foldedName, isLike } from '../wildcards.ts';

/**
 * The replication filter by which a channel leaves a table out; null when none does. As for row events: databases
 * first, then tables in the order in which servers ask. `fold`: the target compares names without case; MariaDB does so
 * in its filters of tables (`foldTables`), whatever else it does.
 */
export function leftOutBy(
  { filters }: Pick<ChannelStatus, 'filters'>,
  name: TableName,
  fold = false,
  foldTables = fold,
): ReplicationFilter | null {
  const cased = (text: string, folds = foldTables) => (folds ? foldedName(text) : text);
  const schema = cased(name.schema, fold);
  const table = cased(`${name.schema}.${name.table}`);
  const find = (name: string) => filters.find((filter) => filter.name === name) ?? null;
  const listed = (filter: ReplicationFilter | null, fits: (entry: string) => boolean): boolean =>
    filter !== null && filter.value.split(',').some((entry) => fits(entry.trim()));
  const isSchema = (entry: string) => cased(entry, fold) === schema;
  const isTable = (entry: string) => cased(entry).replaceAll('`', '') === table;
  const likes = (entry: string) => isLike(likeSigns(cased(entry)), table);

  // What a schema is given another name for never comes under its own.
  const rewrite = find('Replicate_Rewrite_DB');
  if (rewrite && rewrittenBy(rewrite).some((from) => isSchema(cased(from)))) return rewrite;
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

/** The schemas that are given other names: of `(shop,store),(a,b)`, as MySQL prints it, or `shop->store,a->b`. */
function rewrittenBy({ value }: ReplicationFilter): string[] {
  const parts = value.matchAll(/\(([^,]*),[^)]*\)|([^,]*?)\s*->[^,]*/g);
  return [...parts].map(([, mysql, mariadb]) => (mysql ?? mariadb ?? '').trim());
}

/** A pattern of LIKE, `%` and `_` with `\` before those that are meant. */
function likeSigns(pattern: string): string[] {
  return (pattern.match(/\\?[^]/g) ?? []).map((part) =>
    part === '%' ? anyMany : part === '_' ? anyOne : part.slice(-1),
  );
}
