import { beginOf } from '../../begin-of.ts';
import type { CellValue, ChangedCell, RowDifference } from '../../model/verdict.ts';
import type { QueryOptions, SqlValue } from '../../server/sql-server.ts';
import type { TableSide } from '../chunk/table-side.ts';
import { type Key, keyId, keyRecord, type KeyValues } from '../key/key.ts';
import { cellSql, toCell } from '../row/cell.ts';
import { documentHash, readingsOf } from '../row/document.ts';
import type { ColumnEncoding } from '../row/encoding.ts';
import { showing, type Shown, type ShownOfTable } from '../row/shown-bounds.ts';
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
  /** Of the table; absent: nothing is shown of it yet. */
  shown?: ShownOfTable;
}

type Showing = DetailOptions & Shown;

type Side = 'source' | 'target';

/** Of a row that one side has alone, as of one that differs in all its columns; what is beyond it is cut. */
const shownCharsOfRow = 20_000;

/** So many are read together, on each side; of each there is a hash besides. Few of them are shown of wide rows. */
const valuesAtOnce = 2_000;

/**
 * Confirmed rows with what a person needs to judge them: of changed ones which columns, and both sides' values; of
 * others what the side has that has them. Of rows that are read together a side is asked once, and only if it has any.
 */
export async function describeRows(rows: SettledRow[], asked: DetailOptions): Promise<RowDifference[]> {
  const { sides, masked, shown = { chars: 0, cells: 0, cut: false } } = asked;
  const columns = sides.flatMap(({ source }) => (masked(source.name) ? [] : [source]));
  return await showing(columns, rows.length, shown, async (of) => {
    const told: RowDifference[] = [];
    const atOnce = Math.max(1, Math.floor(valuesAtOnce / Math.max(1, asked.encodings.length)));
    for (let i = 0; i < rows.length; i += atOnce) {
      told.push(...(await described(rows.slice(i, i + atOnce), { ...asked, ...of, shown })));
    }
    return told;
  });
}

async function described(rows: SettledRow[], options: Showing): Promise<RowDifference[]> {
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
    const cells = [...changed, ...alone];
    if (cells.length > options.cells && options.shown) options.shown.cut = true;
    return {
      kind,
      key: shownKey(options.key, key, options.masked),
      columns: changed.map(({ column }) => column),
      cells: cells.slice(0, options.cells),
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
  /** Empty where nothing is held against them; of one with several readings each. */
  hashes: SqlValue[][];
  shown: SqlValue[];
}

function changedCells(
  source: SideCells | undefined,
  target: SideCells | undefined,
  options: Showing,
): ChangedCell[] {
  if (!source || !target) return [];
  return options.encodings.flatMap(({ column }, i) => {
    if (source.hashes[i]?.some((hash) => target.hashes[i]?.includes(hash))) return [];
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
  options: Showing,
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
  { sides, masked, chars }: Showing,
): CellValue | null {
  const definition = sides.find(({ source }) => source.name === column)?.[which];
  if (!definition) return null;
  return toCell(definition, shown[2 * index] ?? null, shown[2 * index + 1] ?? null, masked(column), chars);
}

async function readSide(
  which: Side,
  rows: SettledRow[],
  { [which]: side, key, sides, encodings, masked, query, chars }: Showing,
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
      return definition && !masked(column) ? cellSql(definition, chars) : ['NULL', 'NULL'];
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
        hashes: row.slice(width, width + compared.length).map((value, i) => {
          const encoding = compared[i];
          if (encoding?.shape !== 'document') return [value];
          return readingsOf(encoding[which]).map((reading) => documentHash(value, reading));
        }),
        shown: row.slice(width + compared.length),
      },
    ]),
  );
}
