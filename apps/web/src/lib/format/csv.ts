export type CsvCell = string | number | null;

const isNumber = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i;

/** RFC 4180. */
export function csv(rows: readonly (readonly CsvCell[])[]): string {
  return rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

function field(cell: CsvCell): string {
  if (cell === null) return '';
  const safe = typeof cell === 'string' ? inert(cell) : String(cell);
  return /[",;\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * What is a cell to a spreadsheet that has another mark between them, as it has where a comma is in numbers: ours are
 * quoted in the middle of its own, which means nothing there. What is last in one of ours ends in a quotation mark, and
 * is no formula.
 */
const cellsWithin = /(?<=[;\t\r\n])[^;\t\r\n]+(?=[;\t\r\n])/g;

function inert(text: string): string {
  if (isNumber.test(text)) return text;
  return (/^[\t\r\n]/.test(text) ? `'${text}` : harmless(text)).replace(cellsWithin, harmless);
}

/** A spreadsheet would run a cell that begins like a formula; a number does nothing. */
function harmless(text: string): string {
  return /^[=+\-@＝＋－＠]/.test(text) && !isNumber.test(text) ? `'${text}` : text;
}
