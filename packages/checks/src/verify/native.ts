import type { QueryOptions, SqlServer } from '../server/sql-server.ts';
import { qualified, type TableName } from './sql.ts';

/** True when `CHECKSUM TABLE` is the same on both sides; false leaves it to the rows to say what that means. */
export async function matchesNatively(
  name: TableName,
  { source, target }: { source: SqlServer; target: SqlServer },
  query: QueryOptions,
): Promise<boolean> {
  if (!comparable(source, target)) return false;
  const [s, t] = await Promise.all([checksum(source, name, query), checksum(target, name, query)]);
  return s !== null && s === t;
}

/** As the server computes it; null when it has none to give. */
async function checksum(server: SqlServer, name: TableName, query: QueryOptions): Promise<string | null> {
  const [row] = await server.query(`CHECKSUM TABLE ${qualified(name)}`, undefined, query);
  const value = row?.Checksum;
  return value === null || value === undefined ? null : String(value);
}

/**
 * Whether two servers compute it over the same bytes: it depends on the row format and on the version, so only equal
 * flavours and releases may be compared by it.
 */
function comparable(source: SqlServer, target: SqlServer): boolean {
  const a = source.facts;
  const b = target.facts;
  return (
    a !== null &&
    b !== null &&
    a.flavour === b.flavour &&
    a.version[0] === b.version[0] &&
    a.version[1] === b.version[1]
  );
}
