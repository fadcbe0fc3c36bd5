import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PackedWatermarks } from '../../src/lag/packed-watermarks.ts';
import type { Position } from '../../src/position/position.ts';

const text = fc.string({ unit: fc.constantFrom(...'0123456789-:,abc\n '), maxLength: 40 });
const maybe = (field: string) =>
  fc.option(
    text.map((value) => ({ [field]: value })),
    { nil: {} },
  );
const positions: Record<Position['kind'], fc.Arbitrary<Position>> = {
  'mysql-gtid': fc
    .tuple(text, maybe('mode'))
    .map(([value, mode]) => ({ kind: 'mysql-gtid', text: value, ...mode })),
  'mariadb-gtid': fc
    .tuple(text, maybe('own'), maybe('state'), maybe('written'), maybe('unlogged'))
    .map(
      ([value, ...others]) =>
        Object.assign({ kind: 'mariadb-gtid' as const, text: value }, ...others) as Position,
    ),
  galera: fc
    .tuple(text, text, fc.bigInt({ min: -1n, max: 2n ** 63n }))
    .map(([value, group, seqno]) => ({ kind: 'galera', text: value, group, seqno })),
  file: fc
    .tuple(text, text, fc.nat({ max: Number.MAX_SAFE_INTEGER }))
    .map(([value, file, offset]) => ({ kind: 'file', text: value, file, offset })),
};

test.each(Object.entries(positions))('watermarks of %s are unpacked as they were packed', (_, position) => {
  const entry = fc.record({ position, firstReceivedAt: fc.double(), lastSentAt: fc.double() });
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 70 }), (entries) => {
      const packed = new PackedWatermarks(entries);
      expect(packed.length).toBe(entries.length);
      expect(packed.all()).toEqual(entries);
      expect(packed.at(entries.length - 1)).toEqual(entries.at(-1));
    }),
  );
});

test('nothing cannot be packed', () => {
  expect(() => new PackedWatermarks([])).toThrow('there is nothing to pack');
});
