import { expect, test } from 'vitest';
import { parseOptions } from '../src/options.ts';

test('without arguments nothing is fixed', () => {
  expect(parseOptions([])).toEqual({ flavour: null, port: null });
});

test('flavour and port can be asked for', () => {
  expect(parseOptions(['--flavour', 'mysql', '--port=9000'])).toEqual({ flavour: 'mysql', port: 9000 });
});

test('a drill is one of the demo alone', () => {
  const drill = { flavour: null, port: null, drill: true };
  expect(parseOptions(['--drill'], { drills: true })).toEqual(drill);
  expect(() => parseOptions(['--drill'])).toThrow('--drill');
});

test.each([['--flavour=oracle'], ['--port=0'], ['--port=http'], ['--nonsense']])(
  '%s is refused by name',
  (argument) => {
    expect(() => parseOptions([argument])).toThrow(argument.split('=')[0]);
  },
);
