import type { CellValue, RowDifference } from '#lib/api/documents/table.ts';
import { csv, type CsvCell } from '#lib/format/csv.ts';

/**
 * Every row that differs, a cell a line, so that nothing needs to be guessed: `source_is` and `target_is` tell NULL
 * from an empty text, and say what is masked, hex, cut, or on the other side only. Values are as the service sent them.
 */
export function rowsCsv(rows: readonly RowDifference[]): string {
  const keys = [...new Set(rows.flatMap(({ key }) => key.map(({ column }) => column)))];
  const head = [
    ...['difference', 'rows', ...keys.map((column) => `key.${column}`), 'column', 'differs'],
    ...['source', 'source_is', 'target', 'target_is'],
  ];
  const lines = rows.flatMap((row): CsvCell[][] => {
    const of = new Map(row.key.map(({ column, value }) => [column, value]));
    const start = [row.kind, row.count, ...keys.map((column) => of.get(column) ?? null)];
    if (row.cells.length === 0) return [[...start, null, null, null, null, null, null]];
    return row.cells.map(({ column, source, target }) => [
      ...[...start, column, row.kind === 'CHANGED' && !row.columns.includes(column) ? 'no' : 'yes'],
      ...(row.kind === 'SURPLUS' ? [null, 'absent'] : side(source)),
      ...(row.kind === 'MISSING' ? [null, 'absent'] : side(target)),
    ]);
  });
  return csv([head, ...lines]);
}

function side({ text, encoding, truncated }: CellValue): CsvCell[] {
  if (encoding === 'MASKED') return [null, 'masked'];
  if (encoding === 'ABSENT') return [null, 'absent'];
  if (text === null) return [null, 'NULL'];
  return [text, (encoding === 'HEX' ? 'hex' : 'text') + (truncated ? ', cut' : '')];
}
