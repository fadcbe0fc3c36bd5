import { expect, test } from 'vitest';
import { AlertBoard } from '../../src/alerts/alert-board.ts';
import type { OpenAlert } from '../../src/alerts/open-alert.ts';

const alert = (pair: string | null, table: string | null) =>
  ({ alert: { pair, table } }) as unknown as OpenAlert;
const tables = (board: AlertBoard, pair: string) => [...board.tablesOf(pair)];

test('a table is on the board for as long as one of its alerts is', () => {
  const board = new AlertBoard();
  board.set('1', alert('p', 't'));
  board.set('2', alert('p', 't'));
  board.set('3', alert('p', 'u'));
  board.set('4', alert('q', 't'));
  expect([tables(board, 'p'), tables(board, 'q')]).toEqual([['t', 'u'], ['t']]);
  board.delete('1');
  expect(tables(board, 'p')).toEqual(['t', 'u']);
  board.delete('2');
  expect(tables(board, 'p')).toEqual(['u']);
  board.delete('2');
  expect([tables(board, 'p'), tables(board, 'q')]).toEqual([['u'], ['t']]);
});

test('an alert that takes the place of another is counted once', () => {
  const board = new AlertBoard();
  board.set('1', alert('p', 't'));
  board.set('1', alert('p', 'u'));
  expect(tables(board, 'p')).toEqual(['u']);
  expect([...board.all()]).toHaveLength(1);
  board.delete('1');
  expect(tables(board, 'p')).toEqual([]);
  expect([board.has('1'), board.get('1')]).toEqual([false, undefined]);
});

test('alerts of no table, and of no pair, are no table’s', () => {
  const board = new AlertBoard();
  board.set('1', alert('p', null));
  board.set('2', alert(null, null));
  expect([tables(board, 'p'), tables(board, 'null')]).toEqual([[], []]);
  expect(board.has('1')).toBe(true);
});
