import { expect, test } from 'vitest';
import { documentHash } from '../../src/verify/row/document.ts';

/** As MySQL takes numbers from a text, which makes few of many … */
const same = (...texts: string[]) =>
  expect(new Set(texts.map((text) => documentHash(text, 'doubles'))).size).toBe(1);
/** … and by all their digits. */
const different = (...texts: string[]) =>
  expect(new Set(texts.map((text) => documentHash(text, 'digits'))).size).toBe(texts.length);

test('a number is one however it is written', () => {
  same('1e2', '100', '100.0', '1.00E+2', '1000e-1');
  same('0', '-0', '0.0', '0e5', '-0.0');
  same('2.50', '2.5', '25e-1');
  same('{"a": 1e0}', '{"a":1.0}', '{"a":1}');
  same('[2E0]', '[2]', '[2e+00]');
  same('[18446744073709551616]', '[1.8446744073709552e19]');
});

test('numbers that a double could not tell apart are different', () => {
  different('9007199254740992', '9007199254740993');
  different('0.1234567890123456789', '0.1234567890123456788', '0.12345678901234568');
  different('1e400', '1e401', '-1e400', 'null', '[1e400]');
  different('1e-400', '0', '2e-400');
});

test('members, white space and escapes have no order or form; types have', () => {
  same('{"b": 1, "a": "\\u00e4"}', '{"a":"ä","b":1.0}');
  different('"1"', '1', 'true', '{"text":"1"}', '[1]', '"1e0"');
  same('{"__proto__": 1, "a": 2}', '{"a": 2, "__proto__": 1}');
  different('{"__proto__": 1}', '{}', '{"__proto__": 2}');
});

test('what is no JSON is the text that it is', () => {
  different('{', '{ ', 'text:{');
  expect(documentHash(null, 'digits')).toBe('NULL');
});

test('MySQL makes one DOUBLE of many fractions, and integers of 64 bits stay as they are', () => {
  same('0.1', '0.10000000000000001', '0.1000000000000000055511151231257827');
  same('0.12345678901234568', '0.1234567890123456789', '0.1234567890123456788');
  same('123456789012345678901234567890', '123456789012345678901234567891', '1.2345678901234568e29');
  different('123456789012345678901234567890', '123456789012345678901234567891');
  const whole = ['9007199254740992', '9007199254740993', '18446744073709551615', '18446744073709551614'];
  expect(new Set(whole.map((text) => documentHash(text, 'doubles'))).size).toBe(whole.length);
});
