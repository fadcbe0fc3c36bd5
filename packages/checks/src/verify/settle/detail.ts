import type { ChangedCell, RowDifference } from '../../model/verdict.ts';
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

/** Confirmed rows with what a person needs to judge them: for changed ones which columns, and both sides' values. */
export async function describeRows(rows: SettledRow[], options: DetailOptions): Promise<RowDifference[]> {
  const changed = rows.filter(({ kind }) => kind === 'changed').map(({ key }) => key);
  const cells =
    changed.length === 0 ? new Map<string, ChangedCell[]>() : await changedCells(changed, options);
  return rows.map((row) => {
    const { kind, key } = row;
    const found = cells.get(keyId(key)) ?? [];
    return {
      kind,
      key: shownKey(options.key, key, options.masked),
      columns: found.map(({ column }) => column),
      cells: found,
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
  hashes: SqlValue[];
  shown: SqlValue[];
}

async function changedCells(keys: KeyValues[], options: DetailOptions): Promise<Map<string, ChangedCell[]>> {
  const [source, target] = await Promise.all([
    readSide(options.source, keys, options, 'source'),
    readSide(options.target, keys, options, 'target'),
  ]);
  const byColumn = new Map(options.sides.map((side) => [side.source.name, side]));
  const cells = new Map<string, ChangedCell[]>();
  for (const key of keys) {
    const id = keyId(key);
    const s = source.get(id);
    const t = target.get(id);
    if (!s || !t) continue;
    cells.set(
      id,
      options.encodings.flatMap(({ column }, i) => {
        const side = byColumn.get(column);
        if (!side || s.hashes[i] === t.hashes[i]) return [];
        const masked = options.masked(column);
        return [
          {
            column,
            source: toCell(side.source, s.shown[2 * i] ?? null, s.shown[2 * i + 1] ?? null, masked),
            target: toCell(side.target, t.shown[2 * i] ?? null, t.shown[2 * i + 1] ?? null, masked),
          },
        ];
      }),
    );
  }
  return cells;
}

async function readSide(
  side: TableSide,
  keys: KeyValues[],
  { key, sides, encodings, masked, query }: DetailOptions,
  which: 'source' | 'target',
): Promise<Map<string, SideCells>> {
  const columns = new Map(sides.map((pair) => [pair.source.name, pair[which]]));
  const width = key.columns.length;
  const select = [
    ...key.columns.map(({ reads }) => reads[which]),
    ...encodings.map((e) => (e.shape === 'document' ? e[which].sql : `SHA2(${e[which].sql}, 256)`)),
    ...encodings.flatMap(({ column }) => {
      const definition = columns.get(column);
      // What is not to be shown is not even fetched.
      return definition && !masked(column) ? cellSql(definition) : ['NULL', 'NULL'];
    }),
  ];
  const rows = await side.values(keys, select, query);
  return new Map(
    rows.map((row) => [
      keyId(row.slice(0, width)),
      {
        hashes: row
          .slice(width, width + encodings.length)
          .map((value, i) => (encodings[i]?.shape === 'document' ? documentHash(value) : value)),
        shown: row.slice(width + encodings.length),
      },
    ]),
  );
}
