import { test } from 'vitest';
import { equalRowsHashEqual } from '../support/equal-hashes.ts';

/** `LOCKSTEP_TEST_SEED=… LOCKSTEP_TEST_TABLES=…` looks elsewhere, and longer; so does the long lane. */
const seed = Number(process.env['LOCKSTEP_TEST_SEED'] ?? 20_261_123);
const numRuns = Number(process.env['LOCKSTEP_TEST_TABLES'] ?? 25);

test('equal rows hash equal on every server, whatever its types and order; every kind of change shows', () =>
  equalRowsHashEqual(seed, numRuns));
