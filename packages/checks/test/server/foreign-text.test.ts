import { expect, test } from 'vitest';
import { foreignText, withoutValues } from '../../src/server/foreign-text.ts';

test('what a server says is repeated on one line, and so far only', () => {
  expect(foreignText('one\r\ntwo\u001b[31m\u202ethree')).toBe('one two [31m three');
  expect(foreignText('a\u061cb\u2067c\u00add\u200de\u3164f\u{e0041}g')).toBe('a b c d e f g');
  expect(foreignText('می\u200cخواهم 👩\u200d💻 ❤\ufe0f 1\ufe0f\u20e3')).toBe(
    'می\u200cخواهم 👩\u200d💻 ❤\ufe0f 1\ufe0f\u20e3',
  );
  expect(foreignText('x'.repeat(1_000_000))).toBe(`${'x'.repeat(1000)}…`);
  expect(foreignText(`${'x'.repeat(999)}😀 and more`)).toBe(`${'x'.repeat(999)}…`);
});

const secret = 'victim@example.org';

test.each([
  [1062, `Duplicate entry '${secret}' for key 'email'`],
  [1062, `Duplicate entry 'it's ${secret}' for key 'email'`],
  [
    1062,
    `Error 'Duplicate entry '${secret}' for key 'email'' on query. Default database: 'd'. Query: 'INSERT …'`,
  ],
  [1062, `Error 'Duplicate entry' on query. Query: 'INSERT INTO t VALUES (1, "${secret}")`],
  [1292, `Truncated incorrect DOUBLE value: '${secret}'`],
  [1062, `Duplicate entry 'in't ${secret}' for key`],
  [1032, `Can't find record '${secret}'`],
  [1644, `no such customer: ${secret}`],
  [1644, `Could not execute Write_rows event on table d.t; ${secret} is not welcome, Error_code: 1644`],
])('of an error %d that quotes a value, the value is hidden: %s', (errno, text) => {
  expect(withoutValues(text, errno)).not.toContain(secret);
});

test('of an error whose values are hidden stays what it was about', () => {
  const at = `Worker 1 failed executing transaction '3e11fa47-71ca-11e1-9e33-c80aa9429562:5' at source log b.000001, end_log_pos 500; `;
  const text = `${at}Could not execute Write_rows event on table d.t; Duplicate entry '${secret}' for key 't.email', Error_code: 1062; handler error HA_ERR_FOUND_DUPP_KEY`;
  expect(withoutValues(text, 1062)).toBe(
    `${at}Could not execute Write_rows event on table d.t; Duplicate entry ••••, Error_code: 1062; handler error HA_ERR_FOUND_DUPP_KEY`,
  );
});
