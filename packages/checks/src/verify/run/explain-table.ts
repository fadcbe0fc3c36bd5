import type { CheckKind } from '../../model/verdict.ts';
import type { SqlServer } from '../../server/sql-server.ts';
import type { TableName } from '../../table-name.ts';
import { wholeTable } from '../chunk/chunk.ts';
import { chooseKey, whyNoKey } from '../key/choose-key.ts';
import { rowExpression } from '../row/row-expression.ts';
import type { DefinitionReader } from '../table/definitions.ts';
import { compareSchemas, releaseOf } from '../table/schema-compare.ts';
import type { RulingOverride } from './selection.ts';
import { tableSides } from './table-sides.ts';

/** How a check would go about a table. */
export interface ExplainedTable extends TableName {
  rowsEstimated: number;
  /** How its rows are told apart, or why they are not; in one sentence. */
  key: string;
  /** The statement that is asked of each side, of the whole table; a chunk adds a range of the key. Null: none is. */
  statements: { source: string; target: string } | null;
  notes: string[];
}

export interface ExplainOptions {
  source: SqlServer;
  target: SqlServer;
  definitions: DefinitionReader;
  check: CheckKind;
  override: RulingOverride;
  rowsEstimated: number;
}

/** By the same parts that the check itself is made of; nothing but the tables' definitions is read. */
export async function explainTable(name: TableName, options: ExplainOptions): Promise<ExplainedTable> {
  const { source, target, override, check, rowsEstimated } = options;
  const definitions = await options.definitions.read(name, 0);
  const told = { ...name, rowsEstimated };
  if (!definitions.source || !definitions.target) {
    const where = definitions.source ? 'target' : 'source';
    return { ...told, key: 'none', statements: null, notes: [`it is not seen on the ${where}`] };
  }
  const releases = { source: releaseOf(source), target: releaseOf(target) };
  const schema = compareSchemas(definitions.source, definitions.target, releases, override.ignoreColumns);
  const key = chooseKey(definitions.source, definitions.target, override.ignoreColumns);
  const row = check === 'consistency' ? null : rowExpression(schema.common);
  const parts = { name, definitions, key, row, where: override.where };
  const asked = { source: '', target: '' };
  const sides = tableSides({
    ...parts,
    source: noting(source, (sql) => (asked.source = sql)),
    target: noting(target, (sql) => (asked.target = sql)),
  });
  await Promise.all(
    [sides.source, sides.target].map((side) => side.digest(wholeTable, {}).catch(unlessNoted)),
  );
  const columns = key?.columns.map(({ name }) => name).join(', ');
  return {
    ...told,
    key: key
      ? `by ${columns}, ${key.ranged ? 'in chunks' : `as a whole: ${key.unranged}`}`
      : `as a whole: ${whyNoKey(definitions.source, definitions.target, override.ignoreColumns)}`,
    statements: asked,
    notes: [
      ...schema.differences.map(({ message }) => message),
      ...(row?.incomparable ?? []).map(
        ({ column, because }) => `column ${column} is not compared: ${because}`,
      ),
      ...(override.ignoreColumns.length > 0 ? [`not compared: ${override.ignoreColumns.join(', ')}`] : []),
    ],
  };
}

/** What was to be asked is known. */
class Noted extends Error {}

function unlessNoted(error: unknown): void {
  if (!(error instanceof Noted)) throw error;
}

/** Notes what it would be asked, and asks nothing. */
function noting({ name, facts }: SqlServer, note: (sql: string) => void): SqlServer {
  return {
    name,
    facts,
    query: (sql) => {
      note(sql);
      return Promise.reject(new Noted());
    },
  };
}
