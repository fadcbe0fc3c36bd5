import type { QueryOptions, SqlServer } from '../../server/sql-server.ts';
import { knowsTransactions } from '../table/definition.ts';

/**
 * Why the source may show of a table what it has not sent yet; null where it cannot. What a transaction writes to a
 * table whose engine knows none can be read at once; where statements are logged, it is in the binlog no sooner than
 * the transaction is over. MySQL with GTIDs refuses such transactions, and rows are logged at once.
 */
export async function whyShownBeforeSent(
  engine: string | null,
  source: SqlServer,
  options: QueryOptions,
): Promise<string | null> {
  const { facts } = source;
  if (!facts?.binlog || (facts.flavour === 'mysql' && facts.gtidMode)) return null;
  if (engine === null || knowsTransactions(engine)) return null;
  const [format] = await source.query(`SHOW GLOBAL VARIABLES LIKE 'binlog_format'`, undefined, options);
  if (format?.['Value'] !== 'STATEMENT') return null;
  return `${source.name} logs statements, and sends what a transaction writes to a table of ${engine} when the transaction is over, but shows it at once; binlog_format = ROW mends it`;
}
