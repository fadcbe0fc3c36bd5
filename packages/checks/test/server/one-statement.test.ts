import { expect, test } from 'vitest';
import { isOneStatement } from '../../src/server/sql-text.ts';

test.each([
  'SELECT 1',
  `SELECT 'a;b', "c;d", \`e;f\``,
  `SELECT 'it''s; one', 'and \\'; this'`,
  'SELECT 1 /* one; statement */ FROM t -- and; this\n WHERE 1 # and; that',
])('one statement is taken as one: %s', (sql) => {
  expect(isOneStatement(sql)).toBe(true);
});

test.each([
  'SELECT 1; SELECT 2',
  `SELECT 1 WHERE (a = ';'); DELETE FROM t; SELECT (1)`,
  `SELECT 1 /* ' */; DELETE FROM t /* ' */`,
  'SELECT 1 /*! ; DELETE FROM t */',
  'SELECT 1 /*M! ; DELETE FROM t */',
])('a second statement is seen: %s', (sql) => {
  expect(isOneStatement(sql)).toBe(false);
});
