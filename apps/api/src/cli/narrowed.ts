import { EngineRequestError, type PairConfig, parseTableName, type TableName } from '@lockstep/checks';
import { UsageError } from './io.ts';

/** What of a check the command line says for this once. */
export interface Narrowing {
  table?: string[];
  where?: string;
  ignoreColumns?: string[];
}

const isPattern = (text: string): boolean => /[*?]/.test(text);

/** The pair as it is to be checked, and the tables to be checked whatever it selects; null: those that it selects. */
export function narrowed(
  pair: PairConfig,
  options: Narrowing,
): { pair: PairConfig; only: TableName[] | null } {
  const { table = [], where = null, ignoreColumns = [] } = options;
  const named = table.map((text) => (isPattern(text) ? null : tableName(text)));
  const patterns = table.some(isPattern);
  const { tables } = pair;
  const overrides =
    where === null && ignoreColumns.length === 0
      ? tables.overrides
      : [
          ...tables.overrides,
          { match: '*.*', ignoreColumns: [], maskColumns: [], method: null, where: null },
        ].map((override) => ({
          ...override,
          ignoreColumns: [...new Set([...override.ignoreColumns, ...ignoreColumns])],
          where: both(override.where, where),
        }));
  const within = patterns && { within: table.map(plain) };
  return {
    pair: { ...pair, tables: { ...tables, overrides, ...within } },
    only: table.length > 0 && !patterns ? named.filter((name) => name !== null) : null,
  };
}

function both(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return `(${one}) AND (${other})`;
}

/** Beside a pattern a name is one, too; what it cannot say is refused. */
function plain(text: string): string {
  if (/^[^.\s`]+\.[^`]+$/.test(text)) return text;
  throw new UsageError(
    `--table ${text}: beside a pattern, expected a pattern schema.table as well, such as shop.* or shop.order_??`,
  );
}

function tableName(text: string): TableName {
  try {
    return parseTableName(text);
  } catch (error) {
    if (error instanceof EngineRequestError) throw new UsageError(`--table ${text}: ${error.message}`);
    throw error;
  }
}
