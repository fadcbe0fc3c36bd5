import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cannotServeLine } from './cannot-serve.ts';
import type { Workspace } from './workspaces.ts';

/**
 * Where each workspace's vitest writes its results, inside the workspace; nothing keeps this folder under version
 * control. Its own for each run, since two may go on at once.
 */
export const reportFile = `.turbo/vitest-${process.pid}.json`;

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
  /** One line for each failure. */
  problems: string[];
}

/** What of vitest's JSON report is read here. */
interface VitestReport {
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { status: string; fullName: string; failureMessages?: string[] }[];
  }[];
}

export function forgetReport({ folder }: Workspace): void {
  rmSync(join(folder, reportFile), { force: true });
}

/**
 * Counts a workspace's results. A workspace without any, unless it may be, or a file that could not be run, is a
 * failure. All that failed because the machine could not serve is one line.
 */
export function tally(workspace: Workspace, { mayBeEmpty = false } = {}): Tally {
  const sum: Tally = { passed: 0, failed: 0, skipped: 0, problems: [] };
  const report = readReport(workspace);
  for (const file of report?.testResults ?? []) {
    const statuses = file.assertionResults.map((result) => result.status);
    sum.passed += statuses.filter((status) => status === 'passed').length;
    const failed = file.assertionResults.filter((result) => result.status === 'failed');
    for (const { fullName, failureMessages = [] } of failed) {
      fail(sum, cannotServeLine(failureMessages.join('\n')) ?? `${workspace.name}: ${fullName}`);
    }
    sum.skipped += statuses.filter((status) => status !== 'passed' && status !== 'failed').length;
    if (file.status === 'failed' && failed.length === 0) {
      fail(sum, cannotServeLine(file.message) ?? `${file.name} could not be run: ${file.message}`);
    }
  }
  if (!report) fail(sum, `${workspace.name}: its tests did not run to their end`);
  else if (sum.passed + sum.failed === 0 && !mayBeEmpty) fail(sum, `${workspace.name}: ran no tests`);
  return sum;
}

export function fail(sum: Tally, problem: string): void {
  sum.failed++;
  if (cannotServeLine(problem) === null || !sum.problems.includes(problem)) sum.problems.push(problem);
}

export function add(a: Tally, b: Tally): Tally {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    problems: [...new Set([...a.problems, ...b.problems])],
  };
}

/** `12 passed, 0 failed`, and `, 1 skipped` where there is something to say. */
export function lastLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function readReport({ folder }: Workspace): VitestReport | null {
  try {
    return JSON.parse(readFileSync(join(folder, reportFile), 'utf8')) as VitestReport;
  } catch {
    return null;
  }
}
