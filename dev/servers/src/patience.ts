/**
 * How long a test, and what it is helped by, waits for what must come. Nothing is judged by how long it took, so this
 * is far more than a machine needs that does much else besides; a wait that succeeds costs nothing. A still slower
 * machine is given a multiple of it by `LOCKSTEP_TEST_PATIENCE`.
 */
export const patienceMs = 300_000 * multiple();

/** For `vi.waitFor`. */
export const patient = { timeout: patienceMs, interval: 50 };

/**
 * How long what is tested waits for a server to connect or to answer: a busy machine is no reason to call one silent,
 * and a test outlasts it.
 */
export const unhurriedMs = patienceMs / 4;

/** The same as a configuration file takes it. */
export const unhurried = `${Math.min(unhurriedMs, 30_000)}ms`;

/** The same where a server is silent on purpose, for what is then said of it; a busy machine may have it said too. */
export const soonSilentMs = 1500 * multiple();

/** How long what is tested waits for what will not come. */
export const inVainMs = 500;

/** For `test` in vitest's configuration: a test is several waits, of which only the last can fail. */
export const patientTests = {
  testTimeout: 3 * patienceMs,
  hookTimeout: 3 * patienceMs,
  teardownTimeout: patienceMs,
  expect: { poll: patient },
};

function multiple(): number {
  return Number(process.env['LOCKSTEP_TEST_PATIENCE']) || 1;
}
