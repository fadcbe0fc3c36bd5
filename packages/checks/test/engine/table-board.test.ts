import { describe, expect, test } from 'vitest';
import { TableBoard } from '../../src/engine/table-board.ts';
import type { TableFilter } from '../../src/engine-api.ts';
import type { CheckKind, TableResult, Verdict } from '../../src/model/verdict.ts';
import { formatTableName, tableId } from '../../src/table-name.ts';

function result(check: CheckKind, verdict: Verdict, second: number): Omit<TableResult, 'rows'> {
  return {
    pair: 'p',
    check,
    schema: 's',
    table: 't',
    verdict,
    reason: `${check} ${verdict}`,
    method: 'rows',
    runId: 'r',
    startedAt: new Date(0),
    finishedAt: new Date(second * 1000),
    rowsCompared: 1,
    sourceRows: 1,
    targetRows: 1,
    chunks: 1,
    position: null,
    differences: { missing: 0, surplus: 0, changed: 0 },
    schemaDifferences: [],
  };
}

test.each<[string, Verdict, Verdict, string]>([
  ['equal counts do not take back a difference', 'DIFFERENT', 'MATCH', 'checksum DIFFERENT'],
  ['different counts do not hide the rows that changed', 'DIFFERENT', 'DIFFERENT', 'checksum DIFFERENT'],
  ['different counts after a match are a difference', 'MATCH', 'DIFFERENT', 'consistency DIFFERENT'],
  ['counts that could not be compared change nothing', 'MATCH', 'UNVERIFIED', 'checksum MATCH'],
])('%s', (_, checksum, consistency, standing) => {
  const board = new TableBoard('p', [result('checksum', checksum, 1), result('consistency', consistency, 2)]);
  expect(board.standing().map(({ reason }) => reason)).toEqual([standing]);
});

test('a count is believed only until the content is compared again', () => {
  const board = new TableBoard('p', [result('checksum', 'MATCH', 1), result('consistency', 'DIFFERENT', 2)]);
  board.record(result('checksum', 'MATCH', 3));
  expect(board.counts()).toMatchObject({ total: 1, match: 1, different: 0 });
});

test('a count that found other rows takes a match back, until the content is compared again', () => {
  const of = (check: CheckKind, verdict: Verdict, second: number) => {
    const found = board.withCountedBefore(result(check, verdict, second));
    board.record(found);
    return found;
  };
  const standing = () => board.standing().map(({ verdict }) => verdict);
  let board = new TableBoard('p', []);
  const matched = of('checksum', 'MATCH', 1);
  of('consistency', 'DIFFERENT', 2);
  expect(standing()).toEqual(['DIFFERENT']);
  of('consistency', 'UNVERIFIED', 3);
  expect(standing()).toEqual(['UNVERIFIED']);
  const counted = of('consistency', 'MATCH', 4);
  expect(standing()).toEqual(['UNVERIFIED']);
  expect(board.whyVoid('checksum', matched)).toContain(
    'as a count found since: consistency DIFFERENT (MATCH then',
  );
  // So it is after a restart, of which the last results alone are known.
  board = new TableBoard('p', [counted, matched]);
  expect(standing()).toEqual(['UNVERIFIED']);
  of('checksum', 'MATCH', 5);
  expect(standing()).toEqual(['MATCH']);
  of('consistency', 'MATCH', 6);
  expect(standing()).toEqual(['MATCH']);
});

test('a table is listed with the result that stands for it', () => {
  const counted = result('consistency', 'DIFFERENT', 1);
  const board = new TableBoard('p', [counted]);
  const listed = () => board.list(new Set()).map(({ standing }) => standing);
  expect(listed()).toEqual([counted]);
  const compared = result('checksum', 'MATCH', 2);
  board.record(compared);
  expect(listed()).toEqual([compared]);
  expect(board.get(compared, new Set())?.standing).toBe(compared);
});

test('rows that differ are counted over all tables, as far as they are known to differ', () => {
  const found = (table: string, verdict: Verdict, missing: number, changed: number) => ({
    ...result('checksum', verdict, 1),
    table,
    differences: { missing, surplus: 0, changed },
  });
  const board = new TableBoard('p', [
    found('a', 'DIFFERENT', 1, 2),
    found('b', 'DIFFERENT', 0, 5),
    // As far as it got; nobody knows what they are.
    found('c', 'UNVERIFIED', 7, 7),
  ]);
  expect(board.differingRows()).toEqual({ missing: 1, surplus: 0, changed: 7 });
  board.record(found('a', 'MATCH', 0, 0));
  expect(board.differingRows()).toEqual({ missing: 0, surplus: 0, changed: 5 });
});

const compared = (second: number, settings = '') => ({
  ...result('checksum', 'DIFFERENT', second),
  basis: { source: 'a', target: 'b', settings },
});

test('what was compared with another server is void for as long as that one is there', () => {
  const found = compared(1);
  const board = new TableBoard('p', [found]);
  const known = () => board.get(found, new Set())?.checksum;
  expect(board.setSides({ source: 'a', target: 'b' })).toEqual([]);
  expect(board.whyVoid('checksum', found)).toBeNull();

  const news = board.setSides({ source: 'a', target: 'other' });
  expect(news).toMatchObject([{ verdict: 'UNVERIFIED', differences: { changed: 0 }, sourceRows: null }]);
  expect(known()).toBe(news[0]);
  expect(board.whyVoid('checksum', found)).toMatch(/to be verified again, .* the target is other, it was b/);
  expect(board.setSides({ source: 'a', target: 'other' })).toEqual([]);

  expect(board.setSides({ source: 'a', target: 'b' })).toEqual([found]);
  expect(known()).toBe(found);
});

test('a result that comes when its server is another already is void from the beginning', () => {
  const board = new TableBoard('p', []);
  board.setSides({ source: 'a', target: 'other' });
  expect(board.record(compared(1))).toMatchObject({ verdict: 'UNVERIFIED' });
  expect(board.counts()).toMatchObject({ total: 1, unverified: 1 });
});

test('tables whose names look the same once they are put together are two tables', () => {
  const one = { ...result('checksum', 'MATCH', 1), schema: 'a', table: 'b.c' };
  const other = { ...result('checksum', 'DIFFERENT', 1), schema: 'a.b', table: 'c' };
  const board = new TableBoard('p', [one, other]);
  expect(board.counts()).toMatchObject({ total: 2, match: 1, different: 1 });
  expect(board.list(new Set([tableId(other)]))).toMatchObject([
    { schema: 'a', table: 'b.c', checking: false },
    { schema: 'a.b', table: 'c', checking: true },
  ]);
  const catalog = [{ schema: 'a', table: 'b.c', engine: null, rowsEstimated: 1, kind: 'table' as const }];
  expect(board.setCatalog(catalog)).toEqual([{ schema: 'a.b', table: 'c' }]);
  expect(board.standing()).toEqual([one]);
});

test('what stands for a table is found by its shown name, whatever it holds', () => {
  const names = [
    { schema: 'a', table: 'b.c' },
    { schema: 'a.b', table: 'c' },
    { schema: 'a`b', table: 'c d' },
  ];
  const found = names.map((name) => ({ ...result('checksum', 'MATCH', 1), ...name }));
  const board = new TableBoard('p', found);
  expect(names.map((name) => board.standingOf(formatTableName(name)))).toEqual(found);
  expect([board.standingOf('a.gone'), board.standingOf('no name')]).toEqual([null, null]);
});

test('a table is found by its name in another case, unless two are called so', () => {
  const of = (table: string) => ({ ...result('checksum', 'MATCH', 1), table });
  const board = new TableBoard('p', [of('Customers'), of('t'), of('T')]);
  const spelled = (table: string) => board.spelled({ schema: 'S', table }).table;
  expect([spelled('customers'), spelled('CUSTOMERS')]).toEqual(['Customers', 'Customers']);
  expect(board.spelled({ schema: 's', table: 't' })).toEqual({ schema: 's', table: 't' });
  expect(spelled('t')).toBe('t');
  expect(board.spelled({ schema: 'S', table: 'T' }).schema).toBe('S');
  board.forget({ schema: 's', table: 'T' });
  expect(board.spelled({ schema: 's', table: 'T' })).toEqual({ schema: 's', table: 't' });
  board.record(of('New'));
  expect(spelled('new')).toBe('New');
});

test('what is to be verified again is not called excluded, whatever it was', () => {
  const basis = { source: 'a', target: 'b', settings: '' };
  const found = { ...result('checksum', 'DIFFERENT', 1), basis, excludedBy: 'Replicate_Ignore_Table=s.t' };
  const board = new TableBoard('p', [found]);
  board.setSides({ source: 'another', target: 'b' });
  expect(board.standing().map(({ verdict, excludedBy }) => ({ verdict, excludedBy }))).toEqual([
    { verdict: 'UNVERIFIED', excludedBy: undefined },
  ]);
});

describe('tables by what is known of them', () => {
  const verdicts: [string, Verdict][] = [
    ['b', 'DIFFERENT'],
    ['a', 'DIFFERENT'],
    ['c', 'MATCH'],
    ['d', 'MISSING'],
  ];
  const filled = () => {
    const board = new TableBoard(
      'p',
      verdicts.map(([table, verdict]) => ({ ...result('checksum', verdict, 1), table })),
    );
    const names = [...verdicts.map(([table]) => table), 'Extra'];
    board.setCatalog(names.map((table) => ({ schema: 's', table, rowsEstimated: 1 })) as never);
    return board;
  };
  const shown = (board: TableBoard, filter: TableFilter) => {
    const { items, total } = board.page({ limit: 10 }, new Set(), filter);
    expect(total).toBe(items.length);
    return items.map(({ table }) => table).join(' ');
  };

  test.each<[string, TableFilter]>([
    ['Extra a b c d', {}],
    ['a b', { known: ['DIFFERENT'] }],
    ['a b d', { known: ['MISSING', 'DIFFERENT', 'MISSING'] }],
    ['Extra c', { known: ['pending', 'MATCH'] }],
    ['', { known: [] }],
    ['Extra', { search: 'S.eX' }],
    ['', { known: ['DIFFERENT'], search: 'extra' }],
  ])('are "%s" for %j, in order, and are counted', (names, filter) => {
    const board = filled();
    expect(shown(board, filter)).toBe(names);
    if (filter.search === undefined) {
      expect(board.namesKnownAs(filter.known).count).toBe(names === '' ? 0 : names.split(' ').length);
      expect(
        board
          .namesKnownAs(filter.known)
          .names()
          .map(({ table }) => table)
          .join(' '),
      ).toBe(names);
    }
  });

  test('are others when something else is found of one', () => {
    const board = filled();
    expect(shown(board, { known: ['DIFFERENT'] })).toBe('a b');
    board.record({ ...result('checksum', 'MATCH', 2), table: 'a' });
    board.record({ ...result('checksum', 'DIFFERENT', 2), table: 'Extra' });
    expect(shown(board, { known: ['DIFFERENT'] })).toBe('Extra b');
  });
});
