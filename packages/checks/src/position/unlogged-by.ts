import { type QueryOptions, ServerFault, type SqlServer } from '../server/sql-server.ts';
import { foldedName } from '../wildcards.ts';
import { binlogStatusStatement } from './file-row.ts';

/**
 * The filter by which a server keeps changes of a schema out of its binlog, so that no replica ever gets them; null
 * when none does, or where the account may not ask.
 */
export async function unloggedBy(
  server: SqlServer,
  schema: string,
  options?: QueryOptions,
): Promise<string | null> {
  if (!server.facts) return null;
  const fold = (name: string) => (server.facts?.foldsNames === true ? foldedName(name) : name);
  const [row = {}] = await server.query(binlogStatusStatement(server.facts), [], options).catch(unasked);
  const wanted = String(row['Binlog_Do_DB'] ?? '');
  const ignored = String(row['Binlog_Ignore_DB'] ?? '');
  const told = (filter: string) => `${filter} of ${server.name}`;
  const isIn = (list: string) => list.split(',').some((name) => fold(name.trim()) === fold(schema));
  if (wanted !== '') return isIn(wanted) ? null : told(`binlog_do_db=${wanted}`);
  return isIn(ignored) ? told(`binlog_ignore_db=${ignored}`) : null;
}

function unasked(fault: unknown): [] {
  if (fault instanceof ServerFault && fault.kind === 'privilege') return [];
  throw fault;
}
