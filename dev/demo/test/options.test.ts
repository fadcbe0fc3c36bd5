import { expect, test } from 'vitest';
import { parseOptions } from '../src/options.ts';

test('without arguments nothing is fixed', () => {
  expect(parseOptions([])).toEqual({ flavour: null, port: null });
});

test('flavour and port can be asked for', () => {
  expect(parseOptions(['--flavour', 'mysql', '--port=9000'])).toEqual({ flavour: 'mysql', port: 9000 });
});

test.each([['--flavour=oracle'], ['--port=0'], ['--port=http'], ['--nonsense']])(
  '%s is refused by name',
  (argument) => {
    expect(() => parseOptions([argument])).toThrow(argument.split('=')[0]);
  },
);
