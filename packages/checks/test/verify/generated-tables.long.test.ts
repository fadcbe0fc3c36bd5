import { randomInt } from 'node:crypto';
import { patient } from '@lockstep/servers/patience';
import { test } from 'vitest';
import { equalRowsHashEqual } from '../support/equal-hashes.ts';

const tables = 250;
/** Three that are always the same, and one that nobody has seen; its number is in the test's name. */
const seeds = [1, 2, 3, randomInt(2 ** 31)];

test.each(seeds)(
  `equal rows hash equal and changes show, in ${tables} tables of seed %d`,
  { timeout: 10 * patient.timeout },
  (seed) => equalRowsHashEqual(seed, tables),
);
