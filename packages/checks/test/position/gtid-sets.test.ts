import { describe, expect, test } from 'vitest';
import {
  formatMariadbGtidList,
  newestOfEach,
  parseMariadbGtidList,
} from '../../src/position/mariadb-gtid-list.ts';
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

/** A set as what it is: one name for each of its transactions. */
function plain(text: string): Set<string> {
  const all = new Set<string>();
  for (const part of text.split(',')) {
    const [uuid = '', ...fields] = part.split(':');
    let source = uuid;
    for (const field of fields) {
      if (/^[a-z]/.test(field)) source = `${uuid}:${field}`;
      const [first, last = first] = field.split('-').map(Number);
      for (let n = first ?? 1; n <= (last ?? 0); n++) all.add(`${source} ${n}`);
    }
  }
  return all;
}

test('subset, difference, count and form of MySQL sets are those of plain sets', () => {
  const { below, pick } = random(41);
  const interval = () => {
    const first = 1 + below(14);
    return pick([`${first}`, `${first}-${first + below(5)}`]);
  };
  const set = () =>
    Array.from({ length: 1 + below(3) }, () =>
      [
        pick([a, b]),
        interval(),
        ...Array.from({ length: below(5) }, () => pick([interval(), `t:${interval()}`])),
      ].join(':'),
    ).join(',');
  for (let n = 0; n < 500; n++) {
    const x = set();
    const y = n % 3 === 0 ? `${x},${set()}` : set();
    const [left, right] = [parseMysqlGtidSet(x), parseMysqlGtidSet(y)];
    const [all, taken] = [plain(x), plain(y)];
    const rest = subtractMysqlGtidSet(left, right);
    expect(plain(formatMysqlGtidSet(left))).toEqual(all);
    expect(plain(formatMysqlGtidSet(rest))).toEqual(new Set([...all].filter((each) => !taken.has(each))));
    expect(countMysqlGtidSet(left)).toBe(BigInt(all.size));
    expect(isMysqlGtidSubset(left, right)).toBe([...all].every((each) => taken.has(each)));
    // One form only, so that equal sets are equal texts.
    expect(formatMysqlGtidSet(parseMysqlGtidSet(formatMysqlGtidSet(left)))).toBe(formatMysqlGtidSet(left));
    expect(formatMysqlGtidSet(subtractMysqlGtidSet(left, rest))).toBe(
      formatMysqlGtidSet(subtractMysqlGtidSet(left, parseMysqlGtidSet(formatMysqlGtidSet(rest)))),
    );
  }
});

test('a set is written without overlaps, by source, and an interval that is none is nothing', () => {
  const normal = (text: string) => formatMysqlGtidSet(parseMysqlGtidSet(text));
  expect(normal(`${b}:1,${a}:4-6:1-3:9:7`)).toBe(`${a}:1-7:9,${b}:1`);
  expect(normal(`${a}:1-9:2-3`)).toBe(`${a}:1-9`);
  expect(normal(`${a}:5-4`)).toBe('');
  expect(normal(`${a}: 1 , ${a}:_tag:2`)).toBe(`${a}:1,${a}:_tag:2`);
});

test.each([`x${a}:1`, `${a}x:1`, `${a}:1x`, `${a}:x1:`, `${a}:-1`, ':1', `${a}:a-b`])(
  '%s is refused',
  (text) => {
    expect(() => parseMysqlGtidSet(text)).toThrow('not a MySQL GTID set');
  },
);

describe('MariaDB’s lists', () => {
  test('keep the newest of each domain, and are written by domain', () => {
    expect(formatMariadbGtidList(parseMariadbGtidList('10-1-3, 2-1-5,2-9-7,2-3-6'))).toBe('2-9-7,10-1-3');
    expect(parseMariadbGtidList(' ').size).toBe(0);
  });

  test('together have the newest of both', () => {
    const [x, y] = [parseMariadbGtidList('0-1-5,1-1-9'), parseMariadbGtidList('0-2-7,1-2-8,3-1-1')];
    expect(formatMariadbGtidList(newestOfEach(x, y))).toBe('0-2-7,1-1-9,3-1-1');
    // What is parsed is shared.
    expect(formatMariadbGtidList(x)).toBe('0-1-5,1-1-9');
  });

  test.each(['0-1', 'x0-1-2', '0-1-2x', '0-1-2-3', '0-1-2,,1-1-1', 'a-1-1'])('%s is refused', (text) => {
    expect(() => parseMariadbGtidList(text)).toThrow('not a MariaDB GTID list');
  });
});
