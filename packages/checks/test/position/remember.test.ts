import { expect, test } from 'vitest';
import { parseMysqlGtidSet } from '../../src/position/mysql-gtid-set.ts';
import { remember } from '../../src/position/remember.ts';

test('a text is parsed once, however often and by however many pairs it is asked for', () => {
  let parsed = 0;
  const parse = remember((text: string) => ({ text, number: ++parsed }));
  const text = 'x'.repeat(6000);
  for (let pair = 0; pair < 200; pair++) parse(`${text}${pair % 2}`);
  expect(parsed).toBe(2);
  const uuid = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
  expect(parseMysqlGtidSet(`${uuid}:1-9`)).toBe(parseMysqlGtidSet(`${uuid}:1-9`));
});

test('as many texts as there is room for are all remembered', () => {
  let parsed = 0;
  const parse = remember((text: string) => (parsed++, text.length));
  for (let round = 0; round < 3; round++) for (const text of ['a', 'b', 'c', 'd']) parse(text);
  expect(parsed).toBe(4);
});

test('what was not asked for lately is forgotten, what is asked for goes on being known', () => {
  let parsed = 0;
  const parse = remember((text: string) => (parsed++, text.length));
  const large = (n: number) => `${n}`.padEnd(2 ** 19, '.');
  for (let n = 0; n < 40; n++) {
    parse('kept');
    parse(large(n));
  }
  expect(parsed).toBe(41);
  parse(large(0));
  expect(parsed).toBe(42);
});

test('of short texts a few thousand are known, and not as many as there would be characters for', () => {
  let parsed = 0;
  const parse = remember((text: string) => (parsed++, text.length));
  for (let sequence = 0; sequence < 20_000; sequence++) parse(`0-1-${sequence}`);
  parse('0-1-19999');
  expect(parsed).toBe(20_000);
  parse('0-1-0');
  expect(parsed).toBe(20_001);
});
