import type { RowDifference } from '../../model/verdict.ts';
import type { Column } from '../table/definition.ts';
import { familyOf } from './encoding.ts';

/** Of a value on one side, in characters: longer ones are cut for show. Even, for bytes are shown as two. */
export const mostShown = 400;
const fewestShown = 40;
/**
 * Of all rows that are listed of a table. A thousand rows with ten texts each, all changed, and ten pairs that find the
 * same at once, are to fit into a process of 256 MB, where each character is there several times for a moment.
 */
const mostOfTable = 2_000_000;
/** The same of values: what each is kept in takes more than a short text. */
const mostCells = 6_000;
const fewestCells = 2;

/** How much is shown of a table's rows, or may be of those that are just being read. */
export interface ShownOfTable {
  chars: number;
  /** Values, on both sides one. */
  cells: number;
  /** Of some rows fewer values than differ. */
  cut: boolean;
}

/** How much is shown of each row, at most: characters of a value, and values. */
export interface Shown {
  chars: number;
  cells: number;
}

/**
 * How much is shown of a value where so many rows of these columns are told. Parts of a table are read side by side:
 * what they may come to is counted until it is known.
 */
export async function showing<Rows extends readonly RowDifference[]>(
  columns: readonly Column[],
  rows: number,
  shown: ShownOfTable,
  read: (of: Shown) => Promise<Rows>,
): Promise<Rows> {
  const chars = shownChars(columns, rows, shown.chars);
  const cells = shownCells(rows, shown.cells);
  const most = {
    chars: chars * rows * columns.filter(mayBeLong).length * 2,
    cells: rows * Math.min(cells, columns.length),
  };
  shown.chars += most.chars;
  shown.cells += most.cells;
  const told = { chars: 0, cells: 0 };
  try {
    const found = await read({ chars, cells });
    Object.assign(told, { chars: charsOf(found), cells: cellsOf(found) });
    return found;
  } finally {
    shown.chars += told.chars - most.chars;
    shown.cells += told.cells - most.cells;
  }
}

/** How many values of each row after so many of others; half of what is left is for those that come later. */
export function shownCells(rows: number, before = 0): number {
  const each = Math.floor(Math.max(0, mostCells - before) / 2 / Math.max(1, rows));
  return Math.max(fewestCells, each);
}

export function cellsOf(rows: readonly RowDifference[]): number {
  return rows.reduce((sum, { cells }) => sum + cells.length, 0);
}

/** The same of a value's characters. */
export function shownChars(columns: readonly Column[], rows: number, before = 0): number {
  const long = columns.filter(mayBeLong).length;
  if (long === 0 || rows === 0) return mostShown;
  const each = Math.max(0, mostOfTable - before) / 2 / (rows * long * 2);
  return Math.min(mostShown, Math.max(fewestShown, 2 * Math.floor(each / 2)));
}

/** What is shown of these rows. */
export function charsOf(rows: readonly RowDifference[]): number {
  const length = (text: string | null) => text?.length ?? 0;
  return rows
    .flatMap(({ cells }) => cells)
    .reduce((sum, { source, target }) => sum + length(source.text) + length(target.text), 0);
}

function mayBeLong(column: Column): boolean {
  const { dataType, octets } = column;
  const isLong = ['text', 'json', 'bytes', 'spatial', 'vector'].includes(familyOf(column) ?? '');
  return isLong && dataType !== 'enum' && dataType !== 'set' && (octets ?? Infinity) > fewestShown;
}
