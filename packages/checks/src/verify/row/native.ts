import type { QueryOptions, SqlServer } from '../../server/sql-server.ts';
import { qualified } from '../../server/sql-text.ts';
import type { TableName } from '../../table-name.ts';
import type { TableDefinition } from '../table/definition.ts';

/** Types whose length differs from row to row. */
const variable =
  /^(var(char|binary)|(tiny|medium|long)?(text|blob)|json|vector|geom.*|point|.*polygon|.*linestring|multi.*)$/;

/** Why `CHECKSUM TABLE` cannot prove that two tables are the same; null when it can. */
export function nativeLimit(
  { columns }: TableDefinition,
  { source, target }: { source: SqlServer; target: SqlServer },
): string | null {
  if (!comparable(source, target)) return 'CHECKSUM TABLE is not the same in different versions';
  // It goes over the values without their lengths: ('ab', '') has the checksum of ('a', 'b').
  if (columns.filter(({ dataType }) => variable.test(dataType)).length > 1) {
    return 'CHECKSUM TABLE does not see where one of several texts ends';
  }
  return null;
}

/** True when `CHECKSUM TABLE` is the same on both sides; false leaves it to the rows to say what that means. */
export async function matchesNatively(
  name: TableName,
  { source, target }: { source: SqlServer; target: SqlServer },
  query: QueryOptions,
): Promise<boolean> {
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
