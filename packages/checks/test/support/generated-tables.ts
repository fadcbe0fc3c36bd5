import type { Flavour } from '@lockstep/servers';
import fc from 'fast-check';
import { type ColumnKind, columnKinds } from './generated-columns.ts';

export type Row = (string | null)[];

export interface GeneratedColumn {
  /** Names a kind of column. */
  name: string;
  nullable: boolean;
  /** Each server takes its type and its place by these. */
  seeds: number[];
}

export interface GeneratedTable {
  columns: GeneratedColumn[];
  rows: Row[];
  /** Decides what is changed. */
  pick: number;
}

const kinds = new Map(columnKinds.map((kind) => [kind.name, kind]));

function kindOf({ name }: GeneratedColumn): ColumnKind {
  const kind = kinds.get(name);
  if (!kind) throw new Error(`no kind of column is named ${name}`);
  return kind;
}

/** The last column is of the first one's kind, so that their values can be taken for each other's. */
export const generatedTables: fc.Arbitrary<GeneratedTable> = fc
  .array(
    fc.record({
      name: fc.constantFrom(...kinds.keys()),
      nullable: fc.boolean(),
      seeds: fc.array(fc.nat(), { minLength: 3, maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((columns) => {
    const [first] = columns;
    return [...columns, ...(first ? [{ ...first, seeds: first.seeds.toReversed() }] : [])];
  })
  .chain((columns) =>
    fc.record({
      columns: fc.constant(columns),
      rows: fc.array(
        fc.tuple(
          ...columns.map((column) =>
            column.nullable ? fc.option(kindOf(column).value, { freq: 3, nil: null }) : kindOf(column).value,
          ),
        ),
        { minLength: 1, maxLength: 3 },
      ),
      pick: fc.nat(1000),
    }),
  );

/** Rows of the two sides that differ in one of the ways in which replication or a person makes them differ. */
export interface Divergence {
  name: string;
  source: Row[];
  target: Row[];
}

/** Every kind of change that the table has room for. The rows of a divergence are in the order of their keys. */
export function divergences({ columns, rows, pick }: GeneratedTable): Divergence[] {
  const first = rows[pick % rows.length] as Row;
  const last = columns.length - 1;
  const found: Divergence[] = [];
  const add = (name: string, source: Row[], target: Row[]) => found.push({ name, source, target });
  const changed = (row: Row, ...values: [column: number, value: string | null][]) => {
    const copy = [...row];
    for (const [column, value] of values) copy[column] = value;
    return copy;
  };
  columns.forEach((column, i) => {
    const { nullable } = column;
    const kind = kindOf(column);
    const value = first[i] ?? null;
    const near = value === null ? [] : kind.near(value);
    const other = near[pick % Math.max(1, near.length)];
    if (value !== null && other !== undefined) {
      const after = changed(first, [i, other]);
      add(
        `${kind.name}: one value`,
        near.map(() => first),
        near.map((one) => changed(first, [i, one])),
      );
      add(`${kind.name}: the same change twice`, [first, first], [after, after]);
      add(
        `${kind.name}: the same change four times`,
        [first, first, first, first],
        [after, after, after, after],
      );
      add(`${kind.name}: swapped between two rows`, [first, after], [after, first]);
    }
    if (nullable && value !== null) {
      add(`${kind.name}: NULL for a value`, [first], [changed(first, [i, null])]);
    }
    if (nullable && kind.empty !== null) {
      add(`${kind.name}: NULL for empty`, [changed(first, [i, kind.empty])], [changed(first, [i, null])]);
    }
  });
  const twin = columns[0];
  if (twin && last > 0) {
    const { nullable } = twin;
    const kind = kindOf(twin);
    const a = first[0] ?? first[last] ?? null;
    const b = a === null ? undefined : kind.near(a)[0];
    if (a !== null && b !== undefined) {
      add(
        `${kind.name}: swapped between two columns`,
        [changed(first, [0, a], [last, b])],
        [changed(first, [0, b], [last, a])],
      );
      if (nullable) {
        add(
          `${kind.name}: a shifted NULL`,
          [changed(first, [0, null], [last, a])],
          [changed(first, [0, a], [last, null])],
        );
      }
      const [start, ...others] = kind.shift?.(a, b) ?? [];
      for (const other of start ? others : []) {
        const side = ([x, y]: [string, string]) => [changed(first, [0, x], [last, y])];
        add(`${kind.name}: a border moved`, side(start as [string, string]), side(other));
      }
    }
  }
  return found;
}

/** The table as one server is to have it: its own types, its own order. `server` counts them. */
export function columnsOn(
  { columns }: GeneratedTable,
  server: number,
  flavour: Flavour,
): { ddl: string; order: number[] } {
  const order = columns
    .map((column, i) => ({ i, place: server === 0 ? i : (column.seeds[server] ?? 0) % 7 }))
    .sort((a, b) => a.place - b.place || a.i - b.i)
    .map(({ i }) => i);
  const ddl = order.map((i) => {
    const { nullable, seeds } = columns[i] as GeneratedColumn;
    const { types: both } = kindOf(columns[i] as GeneratedColumn);
    const types = Array.isArray(both) ? both : both[flavour];
    // One side may be more liberal than the other.
    const nulls = nullable || (seeds[server] ?? 0) % 3 === 0;
    return `c${i} ${types[(seeds[server] ?? 0) % types.length]} ${nulls ? 'NULL' : 'NOT NULL'}`;
  });
  return { ddl: ddl.join(', '), order };
}

export function rowSql({ columns }: GeneratedTable, order: number[], row: Row): string {
  return order
    .map((i) => {
      const value = row[i] ?? null;
      return value === null ? 'NULL' : kindOf(columns[i] as GeneratedColumn).sql(value);
    })
    .join(', ');
}
