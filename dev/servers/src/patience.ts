/**
 * How long a test, and what it is helped by, waits for what must come. Nothing is judged by how long it took, so this
 * is far more than a machine needs that does much else besides; a wait that succeeds costs nothing. A still slower
 * machine is given a multiple of it by `LOCKSTEP_TEST_PATIENCE`.
 */
export const patienceMs = 120_000 * (Number(process.env['LOCKSTEP_TEST_PATIENCE']) || 1);

/** For `vi.waitFor`. */
export const patient = { timeout: patienceMs, interval: 50 };

/** For `test` in vitest's configuration: a test is several waits, of which only the last can fail. */
export const patientTests = {
  testTimeout: 3 * patienceMs,
  hookTimeout: 3 * patienceMs,
  teardownTimeout: patienceMs,
  expect: { poll: patient },
};
