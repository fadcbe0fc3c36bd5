import { type QueryOptions, ServerFault, type SqlServer } from '../../server/sql-server.ts';
import { qualified } from '../../server/sql-text.ts';
import type { TableName } from '../../table-name.ts';
import type { TableDefinition } from '../table/definition.ts';

/** Types whose length differs from row to row. */
const variable =
  /^(var(char|binary)|(tiny|medium|long)?(text|blob)|json|vector|geom.*|point|.*polygon|.*linestring|multi.*)$/;

/**
 * What `CHECKSUM TABLE` says of both sides, for those who want it told. It decides nothing: it is a sum of 32-bit
 * CRCs, which one and the same change to two rows leaves as it was for about one pair of rows in 65,000, and it goes
 * over the values without their lengths.
 */
export async function nativeNote(
  name: TableName,
  { columns }: TableDefinition,
  { source, target }: { source: SqlServer; target: SqlServer },
  query: QueryOptions,
): Promise<string> {
  if (!comparable(source, target)) return 'CHECKSUM TABLE is not the same in different versions';
  // ('ab', '') has the checksum of ('a', 'b').
  if (columns.filter(({ dataType }) => variable.test(dataType)).length > 1) {
    return 'CHECKSUM TABLE does not see where one of several texts ends';
  }
  let sums: (string | null)[];
  try {
    sums = await Promise.all([checksum(source, name, query), checksum(target, name, query)]);
  } catch (error) {
    // Only told besides: that it cannot be had is no reason not to compare the rows.
    if (!(error instanceof ServerFault) || error.kind === 'connection' || error.kind === 'cancelled') {
      throw error;
    }
    return `CHECKSUM TABLE: ${error.message}`;
  }
  const [s, t] = sums;
  if (s == null || t == null) return 'CHECKSUM TABLE gives nothing';
  return s === t ? `CHECKSUM TABLE is the same on both sides (${s})` : `CHECKSUM TABLE is ${s} and ${t}`;
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
