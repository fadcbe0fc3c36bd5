import { expect, test } from 'vitest';
import { chooseRow } from '../../src/heartbeat/choose-row.ts';

test('of a table with very many rows some are named', () => {
  const rows = new Map(Array.from({ length: 1_000 }, (_, i) => [`${i}`, { text: '', ms: null }]));
  const { trouble } = chooseRow(rows, '7777', null) as { trouble: string };
  expect(trouble).toBe('there is no row of server 7777, only of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 990 more');
});
