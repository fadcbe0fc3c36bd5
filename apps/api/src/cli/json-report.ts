import { type PairOutcome, worstFirst } from './outcome.ts';

/** One object for programs to read. Its shape is a promise (README): nothing is renamed or left out. */
export function jsonReport(outcomes: readonly PairOutcome[]): string {
  const report = {
    pairs: outcomes.map(({ pair, tables }) => ({
      pair,
      tables: worstFirst(tables).map(
        ({ schema, table, verdict, reason, rowsCompared, differences, rows }) => ({
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
        }),
      ),
    })),
  };
  return `${JSON.stringify(report)}\n`;
}
