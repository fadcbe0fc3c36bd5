import { beginOf } from '../../begin-of.ts';
import type { CellValue, ChangedCell, RowDifference } from '../../model/verdict.ts';
import type { QueryOptions, SqlValue } from '../../server/sql-server.ts';
import type { TableSide } from '../chunk/table-side.ts';
import { type Key, keyId, keyRecord, type KeyValues } from '../key/key.ts';
import { cellSql, toCell } from '../row/cell.ts';
import { documentHash } from '../row/document.ts';
import type { ColumnEncoding } from '../row/encoding.ts';
import type { Sides } from '../table/definition.ts';
import { evidenceOf, type SettledRow } from './settle-rows.ts';

export interface DetailOptions {
  source: TableSide;
  target: TableSide;
  key: Key;
  sides: Sides[];
  encodings: ColumnEncoding[];
  masked: (column: string) => boolean;
  query: QueryOptions;
}

type Side = 'source' | 'target';

/** Of a row that one side has alone, as of one that differs in all its columns; what is beyond it is cut. */
const shownCharsOfRow = 20_000;

/**
 * Confirmed rows with what a person needs to judge them: of changed ones which columns, and both sides' values; of
 * others what the side has that has them. A side is asked once, and only if it has any of them.
 */
export async function describeRows(rows: SettledRow[], options: DetailOptions): Promise<RowDifference[]> {
  const [source, target] = await Promise.all([
    readSide('source', rows, options),
    readSide('target', rows, options),
  ]);
  return rows.map((row) => {
    const { kind, key } = row;
    const id = keyId(key);
    const [here, there] = [source.get(id), target.get(id)];
    const changed = kind === 'changed' ? changedCells(here, there, options) : [];
    const alone = kind === 'changed' ? [] : cellsOfOne(kind === 'missing' ? here : there, kind, options);
    return {
      kind,
      key: shownKey(options.key, key, options.masked),
      columns: changed.map(({ column }) => column),
      cells: [...changed, ...alone],
      count: 1,
      rounds: evidenceOf(row),
    };
  });
}

/** A row's name, as far as it may be shown. */
export function shownKey(
  key: Key,
  values: KeyValues,
  masked: (column: string) => boolean,
): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(keyRecord(key, values)).map(([name, value]) => [name, masked(name) ? '(masked)' : value]),
  );
}

interface SideCells {
  /** Empty where nothing is held against them. */
  hashes: SqlValue[];
  shown: SqlValue[];
}

function changedCells(
  source: SideCells | undefined,
  target: SideCells | undefined,
  options: DetailOptions,
): ChangedCell[] {
  if (!source || !target) return [];
  return options.encodings.flatMap(({ column }, i) => {
    if (source.hashes[i] === target.hashes[i]) return [];
    const cell = {
      source: cellOf('source', column, i, source, options),
      target: cellOf('target', column, i, target, options),
    };
    return cell.source && cell.target ? [{ column, source: cell.source, target: cell.target }] : [];
  });
}

/** All that is compared of a row and is not its name. */
function cellsOfOne(
  cells: SideCells | undefined,
  kind: 'missing' | 'surplus',
  options: DetailOptions,
): ChangedCell[] {
  if (!cells) return [];
  const named = new Set(options.key.columns.map(({ name }) => name));
  let room = shownCharsOfRow;
  return options.encodings.flatMap(({ column }, i) => {
    const whole = cellOf(kind === 'missing' ? 'source' : 'target', column, i, cells, options);
    if (!whole || named.has(column)) return [];
    const cell = cutTo(room, whole);
    room -= cell.text?.length ?? 0;
    return [
      kind === 'missing'
        ? { column, source: cell, target: absentCell }
        : { column, source: absentCell, target: cell },
    ];
  });
}

const absentCell: CellValue = { text: null, encoding: 'absent', bytes: null, truncated: false };

function cutTo(room: number, cell: CellValue): CellValue {
  if (cell.text === null || cell.text.length <= room) return cell;
  return { ...cell, text: beginOf(cell.text, Math.max(0, room)), truncated: true };
}

function cellOf(
  which: Side,
  column: string,
  index: number,
  { shown }: SideCells,
  { sides, masked }: DetailOptions,
): CellValue | null {
  const definition = sides.find(({ source }) => source.name === column)?.[which];
  if (!definition) return null;
  return toCell(definition, shown[2 * index] ?? null, shown[2 * index + 1] ?? null, masked(column));
}

async function readSide(
  which: Side,
  rows: SettledRow[],
  { [which]: side, key, sides, encodings, masked, query }: DetailOptions,
): Promise<Map<string, SideCells>> {
  const alone = which === 'source' ? 'missing' : 'surplus';
  const here = rows.filter(({ kind }) => kind === 'changed' || kind === alone);
  if (here.length === 0) return new Map();
  const compared = here.some(({ kind }) => kind === 'changed') ? encodings : [];
  const columns = new Map(sides.map((pair) => [pair.source.name, pair[which]]));
  const width = key.columns.length;
  const select = [
    ...key.columns.map(({ reads }) => reads[which]),
    ...compared.map((e) => (e.shape === 'document' ? e[which].sql : `SHA2(${e[which].sql}, 256)`)),
    ...encodings.flatMap(({ column }) => {
      const definition = columns.get(column);
      // What is not to be shown is not even fetched.
      return definition && !masked(column) ? cellSql(definition) : ['NULL', 'NULL'];
    }),
  ];
  const found = await side.values(
    here.map(({ key }) => key),
    select,
    query,
  );
  return new Map(
    found.map((row) => [
      keyId(row.slice(0, width)),
      {
        hashes: row
          .slice(width, width + compared.length)
          .map((value, i) => (compared[i]?.shape === 'document' ? documentHash(value) : value)),
        shown: row.slice(width + compared.length),
      },
    ]),
  );
}
