import type { PairConfig } from '../config.ts';
import type { TableResult } from '../model/verdict.ts';
import type { MetricsStorage } from '../storage/storage.ts';
import type { TableName } from '../table-name.ts';
import { selected } from '../verify/run/selection.ts';

/**
 * What earlier processes found of a pair's tables, or this one did (`results`); of one that is not selected any more it
 * is forgotten. Whether names fold is not known yet, so what may be selected is kept.
 */
export function recallResults(
  { name, tables }: PairConfig,
  storage: MetricsStorage,
  results = storage.results(name),
): Omit<TableResult, 'rows'>[] {
  const may = (result: TableName) => selected(tables, result, true);
  for (const result of results) if (!may(result)) storage.forgetResults(name, result);
  return results.filter(may);
}
