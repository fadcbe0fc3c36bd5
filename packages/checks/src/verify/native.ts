import type { QueryOptions, SqlServer } from '../server/sql-server.ts';
import { qualified, type TableName } from './sql.ts';

/** `CHECKSUM TABLE`, as the server computes it; null when it has none to give. */
export async function nativeChecksum(
  server: SqlServer,
  name: TableName,
  query: QueryOptions,
): Promise<string | null> {
  const [row] = await server.query(`CHECKSUM TABLE ${qualified(name)}`, undefined, query);
  const value = row?.Checksum;
  return value === null || value === undefined ? null : String(value);
}

/**
 * Whether two servers compute it over the same bytes: it depends on the row format and on the version, so only equal
 * flavours and releases may be compared by it.
 */
export function nativeComparable(source: SqlServer, target: SqlServer): boolean {
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
