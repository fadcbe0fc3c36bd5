import { expect, test } from 'vitest';
import { documentHash as hashOf } from '../../src/verify/row/document.ts';
import type { Column } from '../../src/verify/table/definition.ts';
import { labelsOf } from '../../src/verify/table/labels.ts';

// What takes longer than in proportion to the text takes minutes for these, in which nothing else has its turn.
const many = 1_000_000;

const documentHash = (text: string) => hashOf(text, 'digits');

const labels = (columnType: string) => labelsOf({ columnType } as Column);

test.each([`'`, `\\'`, `'\\`, `'a`, `''\\'`])('labels of %s, again and again without an end', (part) => {
  labels(`enum('${part.repeat(many)}`);
  expect(labels(`enum('a','b''c','d\\'e','`)).toEqual([`'a'`, `'b''c'`, `'d\\'e'`]);
});

test('a number of very many digits in a document', () => {
  const zeros = '0'.repeat(many);
  const nines = '9'.repeat(many);
  const texts = [`1${zeros}1`, `0.1${zeros}1`, `${nines}`, `${nines}8`, `1e${'9'.repeat(20)}`].map(
    documentHash,
  );
  expect(new Set(texts).size).toBe(texts.length);
  expect(documentHash(`0.1${zeros}`)).toBe(documentHash('0.1'));
});

test('a number with an exponent of very many digits in a document', () => {
  // Sixteen megabytes, as much as a server sends of a row.
  const power = '9'.repeat(16 * many);
  expect(documentHash(`1e${power}`)).not.toBe(documentHash(`1e${power}9`));
});
