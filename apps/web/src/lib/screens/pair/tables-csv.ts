import type { Table } from '#lib/api/documents/table.ts';
import { csv } from '#lib/format/csv.ts';
import { standingResult } from '#lib/state/verdict.ts';

/** What the table list says, a table a line. */
export function tablesCsv(tables: readonly Table[]): string {
  const head = [
    ['schema', 'table', 'verdict', 'reason', 'check', 'method', 'verified_at', 'position'],
    ['source_rows', 'target_rows', 'rows_estimated', 'missing', 'surplus', 'changed'],
  ].flat();
  const rows = tables.map((table) => {
    const result = standingResult(table);
    return [
      ...[table.schema, table.name, result?.verdict ?? null, result?.reason ?? null, result?.check ?? null],
      ...[result?.method ?? null, result?.finishedAt ?? null, result?.position ?? null],
      ...[result?.sourceRows ?? null, result?.targetRows ?? null, table.rowsEstimated],
      ...[
        result?.differences.missing ?? null,
        result?.differences.surplus ?? null,
        result?.differences.changed ?? null,
      ],
    ];
  });
  return csv([head, ...rows]);
}
