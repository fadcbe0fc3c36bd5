import { flavours, freshSchema } from '@lockstep/servers/vitest';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plant, verify } from '../support/verify.ts';

const ident = (name: string) => `\`${name.replaceAll('`', '``')}\``;

/** Names that statements of the program's own could use, and any others that a server takes. */
const likely = [
  ...[
    'h',
    'n',
    'c0',
    'c1',
    'i',
    't',
    's',
    'e',
    'b',
    'x',
    'hash',
    'count',
    'key',
    'lockstep 0',
    'lockstep key 0',
  ],
  ...[
    'lockstep document 0',
    '0',
    '1',
    'row',
    'NULL',
    'TRUE',
    'a.b',
    'a`b',
    "a'b",
    'a"b',
    'ключ',
    'group',
    'order',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    ' lockstep 0',
    '?',
    '??',
    ':a',
    '%',
    '--',
    '/*',
    '*/',
    '@x',
    '\\',
  ],
];
const columnName = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...likely) },
  {
    weight: 1,
    arbitrary: fc.string({ minLength: 1, maxLength: 20 }).filter((name) => /^[ -~]*[!-~]$/.test(name)),
  },
);
const names = fc.uniqueArray(columnName, {
  minLength: 3,
  maxLength: 5,
  comparator: (a, b) => a.toLowerCase() === b.toLowerCase(),
});

const seed = Number(process.env['LOCKSTEP_TEST_SEED'] ?? 20_26);
const samples = fc.sample(names, { numRuns: 8, seed });

describe.each(flavours)('on %s', (flavour) => {
  test.each([true, false])(
    'columns of any name give the same verdicts (with a key: %s)',
    async (keyed) => {
      const schema = await freshSchema(flavour);
      for (const [i, columns] of samples.entries()) {
        const t = `${schema.sql}.t${i}`;
        const [first = '', second = '', third = ''] = columns.map(ident);
        const rest = columns.slice(3).map((name) => `, ${ident(name)} INT DEFAULT 7`);
        const key = keyed ? `, PRIMARY KEY (${first}, ${second})` : '';
        await schema.source.query(
          `CREATE TABLE ${t} (${first} INT, ${second} VARCHAR(10), ${third} DECIMAL(4,1)${rest.join('')}${key})`,
        );
        await schema.source.query(
          `INSERT INTO ${t} (${first}, ${second}, ${third}) VALUES (0, 'a', 3.1), (0, 'b', 2.9), (12, 'c', 8.1), (12, 'd', 9.9)`,
        );
      }
      await schema.caughtUp();
      const same = await verify(schema);
      expect(same.run.verdicts).toEqual({ MATCH: samples.length });
      for (const [i, columns] of samples.entries()) {
        const [, second = '', third = ''] = columns.map(ident);
        await plant(
          schema,
          `UPDATE ${schema.sql}.t${i} SET ${third} = 99 WHERE ${second} = 'b'`,
          `DELETE FROM ${schema.sql}.t${i} WHERE ${second} = 'd'`,
        );
      }
      const rows = await verify(schema);
      for (const [i, columns] of samples.entries()) {
        const { verdict, reason, differences } = rows.of(`t${i}`);
        expect({ verdict, differences, columns, reason }).toMatchObject({
          verdict: 'DIFFERENT',
          differences: keyed
            ? { missing: 1, surplus: 0, changed: 1 }
            : { missing: 2, surplus: 1, changed: 0 },
        });
      }
      const counts = await verify(schema, { check: 'consistency' });
      for (const i of samples.keys()) {
        expect(counts.of(`t${i}`)).toMatchObject({
          verdict: 'DIFFERENT',
          differences: { missing: 1, surplus: 0 },
        });
      }
    },
    120_000,
  );
});
