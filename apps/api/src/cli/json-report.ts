import type { RepairText } from '@lockstep/checks';
import { printableJson } from '../printable.ts';
import { type PairOutcome, worstFirst } from './outcome.ts';

/**
 * One object for programs to read. Its shape is a promise (README): nothing is renamed or left out; `repair` is there
 * when asked for, `comparedAt` where an earlier call of the same check compared the table.
 */
export function jsonReport(outcomes: readonly PairOutcome[]): string {
  const report = {
    pairs: outcomes.map(({ pair, tables, repairs, began }) => ({
      pair,
      tables: worstFirst(tables).map((result) => {
        const { schema, table, verdict, reason, rowsCompared, differences, rows } = result;
        return {
          schema,
          table,
          verdict,
          reason,
          rowsCompared,
          differences: {
            missing: differences.missing,
            surplus: differences.surplus,
            changed: differences.changed,
          },
          rows: rows.map(({ kind, key, columns }) => ({ kind, key, columns })),
          ...(began && result.finishedAt < began && { comparedAt: result.finishedAt.toISOString() }),
          ...repairOf(repairs.get(result)),
        };
      }),
    })),
  };
  return printableJson(report);
}

function repairOf(made: { repair: RepairText } | undefined): { repair?: RepairText } {
  if (!made) return {};
  const { preamble, statements, afterwards, notes } = made.repair;
  return { repair: { preamble, statements, ...(afterwards && { afterwards }), notes } };
}
