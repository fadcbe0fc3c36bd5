import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Workspace } from './workspaces.ts';

/**
 * Where each workspace's vitest writes its results, inside the workspace; nothing keeps this folder under version
 * control.
 */
export const reportFile = '.turbo/vitest.json';

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
    assertionResults: { status: string; fullName: string }[];
  }[];
}

export function forgetReport({ folder }: Workspace): void {
  rmSync(join(folder, reportFile), { force: true });
}

/** Counts a workspace's results. A workspace without any, or a file that could not be run, is a failure. */
export function tally(workspace: Workspace): Tally {
  const sum: Tally = { passed: 0, failed: 0, skipped: 0, problems: [] };
  const report = readReport(workspace);
  for (const file of report?.testResults ?? []) {
    const statuses = file.assertionResults.map((result) => result.status);
    sum.passed += statuses.filter((status) => status === 'passed').length;
    const failed = file.assertionResults.filter((result) => result.status === 'failed');
    for (const { fullName } of failed) fail(sum, `${workspace.name}: ${fullName}`);
    sum.skipped += statuses.filter((status) => status !== 'passed' && status !== 'failed').length;
    if (file.status === 'failed' && failed.length === 0) {
      fail(sum, `${file.name} could not be run: ${file.message}`);
    }
  }
  if (!report) fail(sum, `${workspace.name}: its tests did not run to their end`);
  else if (sum.passed + sum.failed === 0) fail(sum, `${workspace.name}: ran no tests`);
  return sum;
}

export function fail(sum: Tally, problem: string): void {
  sum.failed++;
  sum.problems.push(problem);
}

export function add(a: Tally, b: Tally): Tally {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    problems: [...a.problems, ...b.problems],
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
