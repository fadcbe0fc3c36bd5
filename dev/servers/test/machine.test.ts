import { expect, test } from 'vitest';
import { shortage } from '../src/suite/cannot-serve.ts';
import { whatTheMachineLacks } from '../src/suite/machine.ts';

const nothing = { memoryBytes: 0, temporaryBytes: 0, cacheBytes: 0 };

test('a machine that has what is needed lacks nothing', async () => {
  expect(await whatTheMachineLacks(nothing)).toBeNull();
});

test.each([
  ['memory', { memoryBytes: 1e15 }, /^This machine cannot serve: .+ of memory are free, .+ 1000000\.0 GB\.$/],
  [
    'room for data',
    { temporaryBytes: 1e17 },
    /^This machine cannot serve: .+ are free in \/.+, the tests need .+ GB\.$/,
  ],
  [
    'room for the cache',
    { cacheBytes: 1e17 },
    /^This machine cannot serve: .+ are free in \/.+, the tests need .+ GB\.$/,
  ],
])('too little %s is one line', async (_, need, line) => {
  expect(await whatTheMachineLacks({ ...nothing, ...need })).toMatch(line);
});

test.each([
  ['cp: write failed: No space left on device', 'no disk space is left'],
  ['ENOSPC: no space left on device, copyfile', 'no disk space is left'],
  ['[ERROR] InnoDB: Cannot allocate memory for the buffer pool', 'no memory is left'],
  ['[ERROR] unknown variable no-such-option', null],
])('a server that ends with "%s" tells of the machine: %s', (words, expected) => {
  expect(shortage(words)).toBe(expected);
});
