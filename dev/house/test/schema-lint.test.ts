import { expect, test } from 'vitest';
import { faultsOf, schemaText } from '../src/schema-lint.ts';

test('the schema is as those who use GraphQL expect one, by a linter with rules for Relay', () => {
  const known = [/^\d+: Field "schedule" starts with the name of the parent type "Schedule"$/];
  expect(faultsOf(schemaText).filter((fault) => !known.some((each) => each.test(fault)))).toEqual([]);
});

test.each([
  ['a field without a description', 'type Bare {\n  what: Int\n}', /Description is required for .*Bare/],
  ['a type that nothing leads to', '"""Lost."""\ntype Lost { """It."""\n it: Int }', /`Lost` is unreachable/],
  [
    'a connection without its edges',
    '"""A."""\ntype BareConnection { """P."""\npageInfo: PageInfo! }',
    /edges/,
  ],
  ['a mutation that answers a scalar', 'extend type Mutation { """It."""\ngo: Boolean! }', /Mutation/],
  ['a value that is not in capitals', '"""E."""\nenum E { """V."""\nsmall }', /UPPER_CASE/],
])('the linter would see %s', (_what, more, words) => {
  expect(faultsOf(`${schemaText}\n${more}\n`).join('\n')).toMatch(words);
});
