import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lastLine, reportFile, tally } from '../src/suite/report.ts';

/** A workspace whose tests left this report. */
async function workspace(report: unknown): Promise<{ name: string; folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, reportFile);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(report));
  return { name: 'some', folder };
}

function file(status: string, ...statuses: string[]) {
  return {
    name: 'a.test.ts',
    status,
    message: 'no such module',
    assertionResults: statuses.map((status) => ({ status, fullName: `it ${status}` })),
  };
}

test('passed, failed and skipped tests are counted over all files', async () => {
  const sum = tally(
    await workspace({
      testResults: [file('failed', 'passed', 'failed'), file('passed', 'passed', 'pending')],
    }),
  );
  expect(lastLine(sum)).toBe('2 passed, 1 failed, 1 skipped');
  expect(sum.problems).toEqual(['some: it failed']);
});

test('a file that does not load is a failure, with its reason', async () => {
  const sum = tally(await workspace({ testResults: [file('failed'), file('passed', 'passed')] }));
  expect(lastLine(sum)).toBe('1 passed, 1 failed');
  expect(sum.problems).toEqual(['a.test.ts could not be run: no such module']);
});

test('what failed because the machine could not serve is one line, however much it was', async () => {
  const because = {
    status: 'failed',
    failureMessages: ['Error: This machine cannot serve: no memory is left for a server.\n    at …'],
  };
  const results = ['a', 'b'].map((fullName) => ({ ...because, fullName }));
  const sum = tally(await workspace({ testResults: [{ ...file('failed'), assertionResults: results }] }));
  expect(lastLine(sum)).toBe('0 passed, 2 failed');
  expect(sum.problems).toEqual(['This machine cannot serve: no memory is left for a server.']);
});

test.each([
  ['no tests', { testResults: [] }],
  ['skipped tests only', { testResults: [file('passed', 'skipped')] }],
])('a workspace with %s has failed', async (_, report) => {
  expect(tally(await workspace(report))).toMatchObject({ failed: 1, problems: ['some: ran no tests'] });
});

test('a workspace without a report has failed', () => {
  expect(tally({ name: 'some', folder: '/nonexistent' })).toMatchObject({
    failed: 1,
    problems: ['some: its tests did not run to their end'],
  });
});
