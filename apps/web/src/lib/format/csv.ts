export type CsvCell = string | number | null;

const isNumber = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i;

/** RFC 4180. */
export function csv(rows: readonly (readonly CsvCell[])[]): string {
  return rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

function field(cell: CsvCell): string {
  if (cell === null) return '';
  const text = String(cell);
  // A spreadsheet would run a cell that begins like a formula; a number does nothing.
  const runs = typeof cell === 'string' && /^[=+\-@＝＋－＠\t\r\n]/.test(text) && !isNumber.test(text);
  const safe = runs ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
