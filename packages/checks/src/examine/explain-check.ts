import { Glance, type GlanceOptions } from '../lag/glance.ts';
import type { CheckKind } from '../model/verdict.ts';
import { namesFold } from '../server/names-fold.ts';
import { reachAll } from '../server/reach.ts';
import { ServerFault } from '../server/sql-server.ts';
import type { TableName } from '../table-name.ts';
import { type ExplainedTable, explainTable } from '../verify/run/explain-table.ts';
import { overrideFor } from '../verify/run/selection.ts';
import { wantedTables } from '../verify/run/wanted-tables.ts';
import { DefinitionReader } from '../verify/table/definitions.ts';

export interface ExplainCheckOptions extends GlanceOptions {
  check: CheckKind;
  only: TableName[] | null;
}

export interface ExplainedPair {
  pair: string;
  source: string;
  target: string;
  tables: ExplainedTable[];
  /** Patterns that fit nothing. */
  unmatched: string[];
  /** Why there is nothing to explain; null when there is. */
  fault: string | null;
}

/** What a check would do, pair by pair, without reading a row. */
export async function explainCheck(options: ExplainCheckOptions): Promise<ExplainedPair[]> {
  const { pairs, engine, signal } = options;
  await using glance = new Glance({ ...options, pairs: [] });
  glance.connect();
  await reachAll(glance.servers, engine.connection, signal);
  const explained: ExplainedPair[] = [];
  for (const pair of pairs) {
    const about = { pair: pair.name, source: pair.source, target: pair.target };
    const [source, target] = [glance.get(pair.source), glance.get(pair.target)];
    try {
      const quick = { ...pair, verify: { ...pair.verify, waitMs: 0 } };
      const { tables, unmatched } = await wantedTables({ ...options, pair: quick, source, target });
      const definitions = new DefinitionReader({ source, target, signal, company: () => true });
      const fold = namesFold(source, target);
      const each = tables.map(({ rowsEstimated, schema, table }) => {
        const override = overrideFor(pair.tables, { schema, table }, fold);
        const parts = { source, target, definitions, check: options.check, override, rowsEstimated };
        return explainTable({ schema, table }, parts);
      });
      explained.push({ ...about, tables: await Promise.all(each), unmatched, fault: null });
    } catch (error) {
      if (!(error instanceof ServerFault)) throw error;
      explained.push({ ...about, tables: [], unmatched: [], fault: error.message });
    }
  }
  return explained;
}
