import { z } from 'zod';
import { MAP, text } from './leaves.ts';

const PATTERN = 'a pattern schema.table, such as shop.* or shop.order_??';
const SYSTEM = ['mysql', 'information_schema', 'performance_schema', 'sys'];

/** `schema.table` with `*` and `?`; only the first dot separates, and no pattern may name a system schema. */
const pattern = text(PATTERN)
  .regex(/^[^.\s`][^.`]*\.[^`]*[^\s`]$/, PATTERN)
  .refine(
    (value) => !SYSTEM.includes((value.split('.')[0] ?? '').toLowerCase()),
    'a pattern of tables that are compared; system schemas never are',
  );

const patterns = z.array(pattern, 'a list of patterns schema.table');
const columns = z.array(text('the name of a column'), 'a list of column names');

const override = z.strictObject(
  {
    match: pattern,
    ignoreColumns: columns.prefault([]),
    maskColumns: columns.prefault([]),
    method: z.enum(['rows', 'native'], 'rows or native').optional(),
    where: text('an SQL condition').optional(),
  },
  'an override: match, and what is special about these tables',
);

const selection = z.strictObject(
  {
    include: patterns.min(1, 'at least one pattern schema.table').prefault(['*.*']),
    exclude: patterns.prefault([]),
    overrides: z.array(override, 'a list of overrides').prefault([]),
  },
  MAP,
);

/** A bare list is short for `include`. */
export const tablesSection = z
  .union(
    [
      patterns
        .min(1, 'at least one pattern schema.table')
        .transform((include) => selection.parse({ include })),
      selection,
    ],
    'a list of patterns schema.table, or a map with include, exclude and overrides',
  )
  .prefault({});
