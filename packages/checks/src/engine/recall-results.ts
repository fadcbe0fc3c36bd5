import type { PairConfig } from '../config.ts';
import type { TableResult } from '../model/verdict.ts';
import type { MetricsStorage } from '../storage/storage.ts';
import { selected } from '../verify/run/selection.ts';

/** What earlier processes found of a pair's tables; of one that is not selected any more it is forgotten. */
export function recallResults(
  { name, tables }: PairConfig,
  storage: MetricsStorage,
): Omit<TableResult, 'rows'>[] {
  const results = storage.results(name);
  for (const result of results) if (!selected(tables, result)) storage.forgetResults(name, result);
  return results.filter((result) => selected(tables, result));
}
