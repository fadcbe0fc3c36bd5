import { flavours, sharedPair } from '@lockstep/servers/vitest';
import { describe, expect, test } from 'vitest';
import {
  countMysqlGtidSet,
  formatMysqlGtidSet,
  isMysqlGtidSubset,
  parseMysqlGtidSet,
  subtractMysqlGtidSet,
} from '../../src/position/mysql-gtid-set.ts';
import { random } from '../support/random.ts';

const a = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const b = '4e11fa47-71ca-11e1-9e33-c80aa9429562';
const normal = (text: string) => formatMysqlGtidSet(parseMysqlGtidSet(text));

test('sets are read in any order, case, spacing and overlap, and written in one form', () => {
  expect(normal('')).toBe('');
  expect(normal(`${b.toUpperCase()}:7,\n${a}:5-9:1-3:4`)).toBe(`${a}:1-9,${b}:7`);
  expect(normal(`${a}:1-3, ${a}:5`)).toBe(`${a}:1-3:5`);
});

test('a tag holds for the intervals after it and makes a source of its own', () => {
  expect(normal(`${a}:1-3:backup:1-9:11:web:4`)).toBe(`${a}:1-3,${a}:backup:1-9:11,${a}:web:4`);
  expect(isMysqlGtidSubset(parseMysqlGtidSet(`${a}:backup:2`), parseMysqlGtidSet(`${a}:1-3`))).toBe(false);
});

test('numbers beyond 2^53 are counted exactly', () => {
  const set = parseMysqlGtidSet(`${a}:1-9223372036854775806`);
  expect(countMysqlGtidSet(set)).toBe(9223372036854775806n);
  expect(formatMysqlGtidSet(subtractMysqlGtidSet(set, parseMysqlGtidSet(`${a}:1-9223372036854775805`)))).toBe(
    `${a}:9223372036854775806`,
  );
});

test.each(['nonsense', `${a}:x-y`, `${a}:1-`, '0-1-2'])('%s is refused', (text) => {
  expect(() => parseMysqlGtidSet(text)).toThrow('not a MySQL GTID set');
});

describe.runIf(flavours.includes('mysql'))('on MySQL', () => {
  test('subset and difference agree with GTID_SUBSET and GTID_SUBTRACT on random sets', async () => {
    const { source } = await sharedPair('mysql');
    const { below, pick } = random(20);
    const interval = () => {
      const first = 1 + below(30);
      return `${first}-${first + below(6)}`;
    };
    const part = () =>
      [
        pick([a, b]),
        interval(),
        ...Array.from({ length: below(5) }, () => pick([interval(), 'tag', 'other'])),
      ]
        .join(':')
        // A tag at the end would have no intervals.
        .replace(/(:[a-z]+)+$/, '');
    const set = () => Array.from({ length: 1 + below(3) }, part).join(',');
    const pairs = Array.from({ length: 300 }, (_, i) => {
      const x = set();
      return [x, i % 3 === 0 ? `${x},${set()}` : set()] as const;
    });

    const rows = await source.query<{ subset: number; rest: string }>(
      pairs.map(() => 'SELECT GTID_SUBSET(?, ?) AS subset, GTID_SUBTRACT(?, ?) AS rest').join(' UNION ALL '),
      pairs.flatMap(([x, y]) => [x, y, x, y]),
    );

    expect(rows).toHaveLength(pairs.length);
    pairs.forEach(([x, y], i) => {
      const [left, right] = [parseMysqlGtidSet(x), parseMysqlGtidSet(y)];
      const seen = {
        x,
        y,
        subset: isMysqlGtidSubset(left, right),
        rest: formatMysqlGtidSet(subtractMysqlGtidSet(left, right)),
      };
      expect(seen).toEqual({
        x,
        y,
        subset: Number(rows[i]?.subset) === 1,
        rest: normal(rows[i]?.rest ?? ''),
      });
    });
    const subsets = rows.filter(({ subset }) => Number(subset) === 1).length;
    expect(subsets).toBeGreaterThanOrEqual(100);
  });
});
