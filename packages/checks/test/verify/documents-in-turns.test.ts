import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { SqlRow } from '../../src/server/sql-server.ts';
import { alias } from '../../src/server/sql-text.ts';
import { wholeTable } from '../../src/verify/chunk/chunk.ts';
import { TableSide } from '../../src/verify/chunk/table-side.ts';
import { facts } from '../support/replication.ts';

/** So many turns the event loop has until the work is done. */
async function turnsUntil(work: Promise<unknown>): Promise<number> {
  let turns = 0;
  let isDone = false;
  const done = work.finally(() => (isDone = true));
  for (; !isDone; turns++) await nextTurn();
  await done;
  return turns;
}

const document = JSON.stringify(
  Array.from({ length: 100 }, (_, i) => ({ id: i, price: i / 7, name: `n${i}` })),
);

function sideOf(rows: number, keyed: boolean): TableSide {
  const row = (i: number): SqlRow => {
    const values = [...(keyed ? [i] : []), 'hash', document, String(document.length)];
    return Object.fromEntries(values.map((value, item) => [alias(item), value]));
  };
  const answer = Array.from({ length: rows }, (_, i) => row(i));
  const key = {
    columns: [
      {
        name: 'id',
        kind: 'number' as const,
        reads: { source: '`id`', target: '`id`' },
        read: '`id`',
        integer: true,
        descending: false,
        labels: [],
        charsets: null,
        collations: null,
        convertTo: null,
        introducer: null,
      },
    ],
    index: null,
    ranged: true,
    unranged: '',
    ownOrder: false,
  };
  return new TableSide({
    server: { name: 's', facts: facts('mariadb'), query: <T>() => Promise.resolve(answer as T[]) },
    name: { schema: 's', table: 't' },
    key: keyed ? key : null,
    expression: `''`,
    documents: [{ sql: '`doc`' }],
    where: null,
  });
}

test('many documents are compared in turns with everything else', async () => {
  const few = await turnsUntil(sideOf(1, false).digest(wholeTable, {}));
  const summed = await turnsUntil(sideOf(300, false).digest(wholeTable, {}));
  const listed = await turnsUntil(sideOf(300, true).list(wholeTable, 10_000, {}));
  expect(Math.min(summed, listed)).toBeGreaterThan(few + 1);
});
