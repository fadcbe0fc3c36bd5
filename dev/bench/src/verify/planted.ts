import type { DifferenceKind, RowDifference } from '@lockstep/checks';
import type { TestServer } from '@lockstep/servers';
import { liveTable, rows } from './live-table.ts';
import { schema } from './sbtest.ts';

/** What is wrong on the target, by id, and what it is to be called. */
export type Planted = Map<number, { kind: DifferenceKind; row: 'cold' | 'warm' }>;

/**
 * Makes differences on the target alone, unseen by replication and such that it never breaks: rows that are changed
 * go on being found by it, rows that are removed or added are never written. Some are what weak checksums miss: an
 * even number of rows changed alike, and values of two rows swapped.
 */
export async function plant(target: TestServer): Promise<Planted> {
  const name = `${schema}.${liveTable}`;
  const planted: Planted = new Map();
  const note = (kind: DifferenceKind, row: 'cold' | 'warm', ids: number[]) =>
    ids.forEach((id) => planted.set(id, { kind, row }));
  const cold = (start: number, count: number, step = 101) =>
    Array.from({ length: count }, (_, i) => rows.cold.from + start + i * step);
  const alike = cold(50, 40);
  const swapped = [...cold(5_000, 10), ...cold(5_003, 10)];
  const removed = cold(7_007, 30);
  const added = Array.from({ length: 25 }, (_, i) => 1000 * (Math.ceil(rows.cold.from / 1000) + i));
  const warm = Array.from({ length: 30 }, (_, i) => rows.warm.from + i * 6);
  note('changed', 'cold', [...alike, ...swapped]);
  note('missing', 'cold', removed);
  note('surplus', 'cold', added);
  note('changed', 'warm', warm);

  await target.query('SET sql_log_bin = 0');
  try {
    await target.query(`UPDATE ${name} SET status = 'refused' WHERE id IN (?)`, [alike] as never);
    for (let i = 0; i < 10; i++) {
      const [a, b] = [swapped[i] as number, swapped[i + 10] as number];
      await target.query(
        `UPDATE ${name} x JOIN ${name} y ON x.id IN (${a}, ${b}) AND y.id = ${a} + ${b} - x.id
         JOIN (SELECT id, note FROM ${name} WHERE id IN (${a}, ${b})) old ON old.id = y.id SET x.note = old.note`,
      );
    }
    await target.query(`DELETE FROM ${name} WHERE id IN (?)`, [removed] as never);
    for (const id of added) {
      await target.query(`INSERT INTO ${name} (id, status, note) VALUES (?, 'new', 'surplus')`, [id]);
    }
    await target.query(`UPDATE ${name} SET note = 'planted' WHERE id IN (?)`, [warm] as never);
  } finally {
    await target.query('SET sql_log_bin = 1');
  }
  return planted;
}

export interface Found {
  cold: { found: number; of: number };
  warm: { found: number; of: number };
  /** Named, but not planted, or called something else. */
  wrong: RowDifference[];
}

export function compareWithPlanted(planted: Planted, named: RowDifference[]): Found {
  const byId = new Map(named.map((row) => [Number(row.key['id']), row]));
  const count = (which: 'cold' | 'warm') => {
    const ids = [...planted].filter(([, { row }]) => row === which);
    return { found: ids.filter(([id, { kind }]) => byId.get(id)?.kind === kind).length, of: ids.length };
  };
  const wrong = [...byId].filter(([id, { kind }]) => planted.get(id)?.kind !== kind).map(([, row]) => row);
  return { cold: count('cold'), warm: count('warm'), wrong };
}
