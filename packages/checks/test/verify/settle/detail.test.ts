import { expect, test } from 'vitest';
import type { TableSide } from '../../../src/verify/chunk/table-side.ts';
import type { Key } from '../../../src/verify/key/key.ts';
import type { ColumnEncoding } from '../../../src/verify/row/encoding.ts';
import { describeRows, type DetailOptions, shownKey } from '../../../src/verify/settle/detail.ts';
import type { SettledRow } from '../../../src/verify/settle/settle-rows.ts';
import type { Column, Sides } from '../../../src/verify/table/definition.ts';

const column = (name: string) => ({ name, dataType: 'int', columnType: 'int' }) as Column;
const sides = ['id', 'a', 'b', 'doc'].map((name): Sides => ({ source: column(name), target: column(name) }));
const encoding = (name: string, shape: ColumnEncoding['shape'] = 'plain'): ColumnEncoding => ({
  column: name,
  shape,
  nullable: true,
  source: { name, sql: `s_${name}` },
  target: { name, sql: `t_${name}` },
});
const key = {
  columns: [{ name: 'id', kind: 'number', reads: { source: 'source_id', target: 'target_id' } }],
} as unknown as Key;
const row = (kind: SettledRow['kind'], id: number): SettledRow => ({
  kind,
  key: [id],
  source: kind === 'surplus' ? null : 'aa',
  target: kind === 'missing' ? null : 'bb',
  looks: [{ at: new Date(1), position: '0-1-1' }],
});

/** One side, which answers with these values and remembers what it was asked for. */
function side(values: (string | null)[][]) {
  const asked: { keys: unknown; select: string[] }[] = [];
  const values_ = (keys: unknown, select: string[]) => {
    asked.push({ keys, select });
    return Promise.resolve(values);
  };
  return { asked, side: { values: values_ } as unknown as TableSide };
}

function describing(
  source: ReturnType<typeof side>,
  target: ReturnType<typeof side>,
  masked: (column: string) => boolean = () => false,
): DetailOptions {
  const encodings = [encoding('a'), encoding('doc', 'document')];
  return { source: source.side, target: target.side, key, sides, encodings, masked, query: {} };
}

test('a changed row has the columns that differ, with what each side has there', async () => {
  const source = side([['1', 'h1', '{"a":1}', 'one', '3', '{"a":1}', null]]);
  const target = side([['1', 'h2', '{ "a": 1.0 }', null, null, '{ "a": 1.0 }', null]]);
  const [told] = await describeRows([row('changed', 1)], describing(source, target));
  expect(told).toMatchObject({ kind: 'changed', key: { id: '1' }, columns: ['a'], count: 1 });
  expect(told?.cells).toEqual([
    {
      column: 'a',
      source: { text: 'one', encoding: 'text', bytes: 3, truncated: false },
      target: { text: null, encoding: 'text', bytes: null, truncated: false },
    },
  ]);
  expect(told?.rounds).toHaveLength(1);
  expect(source.asked).toEqual([
    {
      keys: [[1]],
      select: [
        'source_id',
        'SHA2(s_a, 256)',
        's_doc',
        'CAST(`a` AS CHAR)',
        'NULL',
        'CAST(`doc` AS CHAR)',
        'NULL',
      ],
    },
  ]);
  expect(target.asked[0]?.select.slice(0, 3)).toEqual(['target_id', 'SHA2(t_a, 256)', 't_doc']);
});

test('of several columns each cell is shown with its own value and length', async () => {
  const source = side([['1', 'h1', '{"a":1}', 'one', '3', '{"a":1}', '17']]);
  const target = side([['1', 'h2', '{"a":2}', 'three', '5', '{"a":2}', '18']]);
  const [told] = await describeRows([row('changed', 1)], describing(source, target));
  expect(told?.cells).toMatchObject([
    { column: 'a', source: { text: 'one', bytes: 3 }, target: { text: 'three', bytes: 5 } },
    { column: 'doc', source: { text: '{"a":1}', bytes: 17 }, target: { text: '{"a":2}', bytes: 18 } },
  ]);
});

test('of three columns each cell has what is its own', async () => {
  const values = (side: string) => [
    '1',
    ...['a', 'b', 'doc'].map((name) => `"${side} ${name}"`),
    ...['a', 'b', 'doc'].flatMap((name, i) => [`${side} ${name}`, String(40 + i)]),
  ];
  const options = {
    ...describing(side([values('here')]), side([values('there')])),
    encodings: [encoding('a'), encoding('b'), encoding('doc', 'document')],
  };
  const [told] = await describeRows([row('changed', 1)], options);
  expect(told?.cells).toMatchObject(
    ['a', 'b', 'doc'].map((column, i) => ({
      column,
      source: { text: `here ${column}`, bytes: 40 + i },
      target: { text: `there ${column}`, bytes: 40 + i },
    })),
  );
});

test('what is no document differs by its hash, whatever that reads like', async () => {
  const source = side([['1', '1.0', '{}', 'x', null, '{}', null]]);
  const target = side([['1', '1', '{}', 'x', null, '{}', null]]);
  const [told] = await describeRows([row('changed', 1)], describing(source, target));
  expect(told?.columns).toEqual(['a']);
});

test('a document that is another is a column that differs', async () => {
  const source = side([['1', 'h1', '{"a":1}', 'one', null, '{"a":1}', null]]);
  const target = side([['1', 'h1', '{"a":2}', 'one', null, '{"a":2}', '7']]);
  const [told] = await describeRows([row('changed', 1)], describing(source, target));
  expect(told?.columns).toEqual(['doc']);
  expect(told?.cells[0]).toMatchObject({
    source: { text: '{"a":1}' },
    target: { text: '{"a":2}', bytes: 7 },
  });
});

const absent = { text: null, encoding: 'absent', bytes: null, truncated: false };

test('of rows that one side has alone that side is asked, once, for what they are', async () => {
  const source = side([['1', 'here', '4', '{}', null]]);
  const target = side([['2', 'there', '5', '{}', null]]);
  const told = await describeRows(
    [row('missing', 1), row('surplus', 2), row('surplus', 3)],
    describing(source, target),
  );
  const text = (text: string, bytes: number) => ({ text, encoding: 'text', bytes, truncated: false });
  expect(told).toMatchObject([
    {
      kind: 'missing',
      key: { id: '1' },
      columns: [],
      cells: [
        { column: 'a', source: text('here', 4), target: absent },
        { column: 'doc', source: text('{}', 2), target: absent },
      ],
    },
    {
      kind: 'surplus',
      columns: [],
      cells: [
        { column: 'a', source: absent, target: text('there', 5) },
        { column: 'doc', source: absent, target: text('{}', 2) },
      ],
    },
    // Gone meanwhile.
    { kind: 'surplus', key: { id: '3' }, columns: [], cells: [] },
  ]);
  expect(source.asked).toEqual([
    { keys: [[1]], select: ['source_id', 'CAST(`a` AS CHAR)', 'NULL', 'CAST(`doc` AS CHAR)', 'NULL'] },
  ]);
  expect(target.asked.map(({ keys }) => keys)).toEqual([[[2], [3]]]);
});

test('a side that has none of the rows is not asked, and one that has some is asked once', async () => {
  const values = (id: string) => [id, 'h1', '{}', 'x', null, '{}', null];
  const [source, target] = [side([values('5'), values('1')]), side([values('1')])];
  const told = await describeRows([row('missing', 5), row('changed', 1)], describing(source, target));
  expect(told[0]?.cells).toHaveLength(2);
  expect([source, target].map(({ asked }) => asked.map(({ keys }) => keys))).toEqual([[[[5], [1]]], [[[1]]]]);
  const [one, other] = [side([]), side([])];
  await describeRows([row('missing', 5)], describing(one, other));
  expect(other.asked).toEqual([]);
});

test('of a row that one side has alone only so much is kept, and what is masked is not fetched', async () => {
  const names = Array.from({ length: 60 }, (_, i) => `c${i}`);
  const wide = names.map((name): Sides => ({ source: column(name), target: column(name) }));
  const source = side([['1', ...names.flatMap(() => ['x'.repeat(400), '400'])]]);
  const options = {
    ...describing(source, side([]), (name) => name === 'c0'),
    sides: wide,
    encodings: names.map((name) => encoding(name)),
  };
  const [told] = await describeRows([row('missing', 1)], options);
  const cells = told?.cells ?? [];
  expect(cells).toHaveLength(60);
  expect(cells[0]?.source).toMatchObject({ text: null, encoding: 'masked' });
  expect(cells.reduce((sum, cell) => sum + (cell.source.text?.length ?? 0), 0)).toBe(20_000);
  expect(cells.at(-1)?.source).toEqual({ text: '', encoding: 'text', bytes: 400, truncated: true });
  expect(source.asked[0]?.select.slice(1, 3)).toEqual(['NULL', 'NULL']);
});

test('a changed row that is gone on either side meanwhile is told without its cells', async () => {
  const values = [['1', 'h1', '{}', 'x', null, '{}', null]];
  for (const [s, t] of [
    [values, []],
    [[], values],
  ]) {
    const [told] = await describeRows([row('changed', 1)], describing(side(s!), side(t!)));
    expect(told).toMatchObject({ kind: 'changed', columns: [], cells: [] });
  }
});

test('what is masked is neither fetched nor shown, only that it differs; nor is a masked key', async () => {
  const source = side([['1', 'h1', '{}', null, null, '{}', null]]);
  const target = side([['1', 'h2', '{}', null, null, '{}', null]]);
  const masked = (name: string) => name !== 'doc';
  const [told] = await describeRows([row('changed', 1)], describing(source, target, masked));
  expect(told).toMatchObject({ key: { id: '(masked)' }, columns: ['a'] });
  const hidden = { text: null, encoding: 'masked', bytes: null, truncated: false };
  expect(told?.cells).toEqual([{ column: 'a', source: hidden, target: hidden }]);
  expect(source.asked[0]?.select).toContain('s_doc');
  expect(source.asked[0]?.select.slice(3)).toEqual(['NULL', 'NULL', 'CAST(`doc` AS CHAR)', 'NULL']);
  expect(shownKey(key, [7], () => false)).toEqual({ id: '7' });
});

test('a row that two columns name is read by both, and compared in what is not its name', async () => {
  const both = { columns: [...key.columns, { ...key.columns[0], name: 'a' }] } as unknown as Key;
  const [source, target] = [side([['1', '2', 'h1', 'one', '3']]), side([['1', '2', 'h2', 'two', '3']])];
  const options = { ...describing(source, target), key: both, encodings: [encoding('b')] };
  const [told] = await describeRows([{ ...row('changed', 1), key: ['1', '2'] }], options);
  expect(told).toMatchObject({
    columns: ['b'],
    cells: [{ source: { text: 'one' }, target: { text: 'two' } }],
  });
});

test('of very many rows in which much differs only some values are kept, and all columns are named', async () => {
  const names = Array.from({ length: 40 }, (_, i) => `c${i}`);
  const asked: number[] = [];
  const of = (hash: string) => {
    const values = (keys: unknown[][]) => {
      asked.push(keys.length);
      return Promise.resolve(
        keys.map(([id]) => [id, ...names.map(() => hash), ...names.flatMap(() => ['x', '1'])]),
      );
    };
    return { values } as unknown as TableSide;
  };
  const shown = { chars: 0, cells: 0, cut: false };
  const options: DetailOptions = {
    ...describing(side([]), side([])),
    source: of('h1'),
    target: of('h2'),
    sides: names.map((name): Sides => ({ source: column(name), target: column(name) })),
    encodings: names.map((name) => encoding(name)),
    shown,
  };
  const told = [];
  for (let part = 0; part < 10; part++) {
    const rows = Array.from({ length: 100 }, (_, i) => row('changed', 100 * part + i));
    told.push(...(await describeRows(rows, options)));
  }
  expect(told).toHaveLength(1_000);
  expect(told.every(({ columns }) => columns.length === 40)).toBe(true);
  expect(told[0]?.cells.length).toBe(30);
  expect(told.at(-1)?.cells.length).toBe(2);
  expect(told.reduce((sum, { cells }) => sum + cells.length, 0)).toBeLessThan(8_000);
  expect(shown.cut).toBe(true);
  // What is read at once is bounded, too.
  expect(Math.max(...asked)).toBe(50);
});

test('of a few rows all values are kept, and nothing is said to be cut', async () => {
  const shown = { chars: 0, cells: 0, cut: false };
  const values = (id: string, hash: string) => [id, hash, '{}', 'x', null, '{}', null];
  const options = { ...describing(side([values('1', 'h1')]), side([values('1', 'h2')])), shown };
  const [told] = await describeRows([row('changed', 1)], options);
  expect(told?.cells).toHaveLength(told?.columns.length ?? 0);
  expect(shown).toMatchObject({ cells: 1, cut: false });
});
