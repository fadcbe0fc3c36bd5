import { describe, expect, test } from 'vitest';
import { csv } from '#lib/format/csv.ts';
import { ago, duration, durationRange, roundDuration, until } from '#lib/format/duration.ts';
import { dateTime, fromInput, toInput, zoneName } from '#lib/format/instant.ts';
import { bytes, count, percent, plural, roughly } from '#lib/format/number.ts';
import { byText } from '#lib/format/order.ts';
import { textDiff } from '#lib/format/text-diff.ts';
import { visibleText } from '#lib/format/visible-text.ts';
import { whereClause } from '#lib/format/where.ts';
import { rowsCsv } from '#lib/screens/difference/rows-csv.ts';

describe('durations', () => {
  test.each([
    [0, '0 s'],
    [12, '< 0.1 s'],
    [300, '0.3 s'],
    [9_949, '9.9 s'],
    [9_951, '10 s'],
    [59_400, '59 s'],
    [59_600, '1 m 00 s'],
    [125_000, '2 m 05 s'],
    [3_599_900, '1 h 00 m'],
    [11_400_000, '3 h 10 m'],
    [86_399_999, '1 d 0 h'],
    [187_200_000, '2 d 4 h'],
  ])('%d ms is "%s"', (ms, text) => expect(duration(ms)).toBe(text));

  test('a lag that is not zero is never written as zero', () => {
    expect(duration(0.4)).not.toBe(duration(0));
  });

  test('a range is written with both ends, unless they look the same', () => {
    expect(durationRange(0, 1100)).toBe('0 – 1.1 s');
    expect(durationRange(0, 20)).toBe('0 – 0.1 s');
    expect(durationRange(12_000, 1000)).toBe('12 – 13 s');
    expect(durationRange(59_000, 62_000)).toBe('59 s – 2 m 01 s');
    expect(durationRange(62_000, 62_000)).toBe('1 m 02 s – 2 m 04 s');
    expect(durationRange(12_000, 100)).toBe('12 s');
  });

  test('what was chosen round is written round', () => {
    expect([1_000, 10_000, 60_000, 90_000, 3_600_000, 86_400_000].map(roundDuration)).toEqual([
      '1 s',
      '10 s',
      '1 m',
      '1 m 30 s',
      '1 h',
      '1 d',
    ]);
  });

  test('ages and waits', () => {
    expect([ago(300), ago(14_900), ago(200_000), ago(-5_000), until(90_000), until(-1)]).toEqual([
      'now',
      '14 s ago',
      '3 m ago',
      'now',
      'in 1 m',
      'due',
    ]);
  });
});

describe('instants', () => {
  const instant = new Date('2026-11-23T14:02:11.250Z');

  test('are written alike in every language, and in UTC when that is chosen', () => {
    expect(dateTime(instant, 'utc')).toBe('2026-11-23 14:02:11');
    expect(zoneName(instant, 'utc')).toBe('UTC');
  });

  test('are shifted by the offset of their own day', () => {
    const shifted = new Date(instant);
    shifted.getTimezoneOffset = () => 210;
    expect(dateTime(shifted, 'local')).toBe('2026-11-23 10:32:11');
    expect(zoneName(shifted, 'local')).toBe('UTC−3:30');
  });
});

test('numbers', () => {
  expect(count('9007199254740993')).toBe('9,007,199,254,740,993');
  expect([plural(1, 'row'), plural(1200, 'row')]).toEqual(['1 row', '1,200 rows']);
  expect([roughly(999), roughly(12_345), roughly('3120443')]).toEqual(['999', '12 k', '3.1 M']);
  expect([bytes(512), bytes(1536), bytes(48_123_904)]).toEqual(['512 B', '1.5 KiB', '46 MiB']);
});

test('progress is 100 % only when it is whole, and 0 % only before it began', () => {
  expect([0, 0.0001, 0.62, 0.9999, 1].map(percent)).toEqual(['0 %', '1 %', '62 %', '99 %', '100 %']);
});

describe('a WHERE clause', () => {
  test('quotes every value, so that a text column is not compared as a number', () => {
    expect(
      whereClause([
        { column: 'id', value: '5' },
        { column: 'a`b', value: null },
      ]),
    ).toBe("WHERE `id` = '5' AND `a``b` IS NULL");
  });

  test('keeps quotes and backslashes inside the value', () => {
    expect(whereClause([{ column: 'k', value: "o'b\\" }])).toBe("WHERE `k` = 'o''b\\\\'");
  });
});

describe('rows that differ, as CSV', () => {
  const text = (value: string | null) => ({
    text: value,
    encoding: 'TEXT' as const,
    bytes: null,
    truncated: false,
  });
  const row = {
    ...{ kind: 'CHANGED' as const, count: 1, columns: ['note', 'pin'], key: [{ column: 'id', value: '7' }] },
    rounds: [],
  };

  test('tell NULL from an empty text, and keep what is masked masked', () => {
    const masked = { ...text('secret'), encoding: 'MASKED' as const };
    const cells = [
      { column: 'note', source: text(null), target: text('') },
      { column: 'pin', source: masked, target: masked },
      { column: 'name', source: text('Ana'), target: text('Ana') },
    ];
    expect(
      rowsCsv([{ ...row, cells }])
        .trim()
        .split('\r\n'),
    ).toEqual([
      'difference,rows,key.id,column,differs,source,source_is,target,target_is',
      'CHANGED,1,7,note,yes,,NULL,,text',
      'CHANGED,1,7,pin,yes,,masked,,masked',
      'CHANGED,1,7,name,no,Ana,text,Ana,text',
    ]);
  });

  test('say on which side a row is not', () => {
    const cells = [{ column: 'note', source: text('x'), target: text(null) }];
    expect(rowsCsv([{ ...row, kind: 'MISSING', cells }])).toContain('MISSING,1,7,note,yes,x,text,,absent');
  });
});

describe('CSV', () => {
  test('quotes what would end a field', () => {
    expect(csv([['a,b', 'say "x"', null, 1.5]])).toBe('"a,b","say ""x""",,1.5\r\n');
  });

  test('leaves a number that came as text a number', () => {
    expect(csv([['-3.50', '+1e6', '-1+cmd']])).toBe("-3.50,+1e6,'-1+cmd\r\n");
  });

  test('does not let a spreadsheet run a table’s name', () => {
    expect(csv([['=HYPERLINK("x")', -3]])).toBe('"\'=HYPERLINK(""x"")",-3\r\n');
    // Some spreadsheets take the wide ones for the same.
    expect(csv([['＝1+1', '＠SUM(1)', '\n=1']])).toBe("'＝1+1,'＠SUM(1),\"'\n=1\"\r\n");
  });

  test('nor what is a cell of its own where semicolons are between them', () => {
    const runs = (line: string) => line.split(/[;\t\n]/).filter((cell) => /^[=+@-][^"]*$/.test(cell));
    for (const mark of [';', '\t', '\n']) {
      const line = csv([['shop', `x${mark}=cmd|'/C calc'!A0${mark}y`, `x${mark}=1+1`, `=1${mark}=1${mark}`]]);
      expect(runs(line.trimEnd()), mark).toEqual([]);
    }
    expect(csv([['1;-5;2', 'a;b']])).toBe('"1;-5;2","a;b"\r\n');
  });
});

describe('a value as text', () => {
  const shown = (value: string, edges?: { start: boolean; end: boolean }) =>
    visibleText(value, edges)
      .map((part) => (part.kind === 'plain' ? part.text : `[${part.name}]`))
      .join('');

  test('shows spaces at its ends, and leaves those between words alone', () => {
    expect(shown(' a b  ')).toBe('[space]a b[space][space]');
    expect(shown('   ')).toBe('[space][space][space]');
  });

  test('shows characters that have no shape', () => {
    expect(shown('a\tb\nc\u00a0d\u200be\u0000')).toBe(
      'a[tab]b[line feed]c[no-break space]d[U+200B]e[U+0000]',
    );
    expect(shown('a\u061cb\u2067c\u00add\u3164e\u3000f\u{e0041}g\ufe0f')).toBe(
      'a[U+061C]b[U+2067]c[U+00AD]d[U+3164]e[U+3000]f[U+E0041]g[U+FE0F]',
    );
  });

  test('knows which ends are ends of the whole value', () => {
    expect(shown('John ', { start: true, end: false })).toBe('John ');
  });
});

test.each(['local', 'utc'] as const)('a time that is typed is the one that was shown (%s)', (zone) => {
  const at = new Date('2026-03-29T00:59:58Z');
  expect(fromInput(toInput(at, zone), zone)).toBe(at.getTime());
  expect(fromInput('', zone)).toBeNaN();
});

describe('the difference of two texts', () => {
  test('is what lies between what they share', () => {
    expect(textDiff('Ana Köhler', 'Ana Köhler ')).toEqual([
      { same: 'Ana Köhler' },
      { source: '', target: ' ' },
    ]);
    expect(textDiff('paid', 'refused')).toEqual([{ source: 'pai', target: 'refuse' }, { same: 'd' }]);
  });

  test('does not count shared characters twice', () => {
    expect(textDiff('aa', 'aaa')).toEqual([{ same: 'aa' }, { source: '', target: 'a' }]);
  });

  test('does not cut a character in two', () => {
    expect(textDiff('😀', '😁')).toEqual([{ source: '😀', target: '😁' }]);
  });

  test('marks each of two changes, and not what lies between them', () => {
    expect(textDiff('Main Street 12, Berlin, DE', 'Main Street 13, Berlin, UK')).toEqual([
      { same: 'Main Street 1' },
      { source: '2', target: '3' },
      { same: ', Berlin, ' },
      { source: 'DE', target: 'UK' },
    ]);
  });

  test('of texts that share next to nothing is found without trying everything', () => {
    const words = (from: number) => Array.from({ length: 2_000 }, (_, i) => `w${from + i}`).join(' ');
    expect(textDiff(words(0), words(5_000))).toEqual([{ same: 'w' }, expect.anything(), { same: '999' }]);
  });
});

test('names are ordered by their letters, whatever their case, and always alike', () => {
  const ordered = ['Alpha', 'alpha', 'beta', 'Gamma', 'zeta', 'Ödland'];
  expect([...ordered].reverse().sort(byText)).toEqual(ordered);
  expect([...ordered].sort(byText)).toEqual(ordered);
});
