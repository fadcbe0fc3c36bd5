// What the serverless tests import in the place of vitest: they are registered, to be run again and again. What they
// expect by is vitest's own.
import { format } from 'node:util';
import { collected } from './collected.ts';

export { expect, vi } from 'vitest';

// What vitest's own part reads of the worker that it would run in.
Object.assign(globalThis, { __vitest_worker__: { config: { fakeTimers: {}, expect: { poll: {} } } } });

type Body = (...row: unknown[]) => unknown;

export const test = Object.assign(register, {
  each: (rows: readonly unknown[]) => eachOf(rows, register, true),
  for: (rows: readonly unknown[]) => eachOf(rows, register, false),
});

export const describe = Object.assign(suite, {
  each: (rows: readonly unknown[]) => eachOf(rows, suite, true),
});

export function beforeEach(hook: () => unknown): void {
  collected.suites.at(-1)?.before.push(hook);
}

export function afterEach(hook: () => unknown): void {
  collected.suites.at(-1)?.after.push(hook);
}

export function onTestFinished(hook: () => unknown): void {
  collected.atEnd.push(hook);
}

function register(name: string, run: () => unknown): void {
  const { file, suites } = collected;
  // Hooks may be registered behind the test.
  const [before, after] = [suites.map((each) => each.before), suites.map((each) => each.after)];
  collected.tests.push({
    file,
    name: [...suites.map((each) => each.name), name].filter(Boolean).join(' '),
    get before() {
      return before.flat();
    },
    get after() {
      return after.flat();
    },
    run,
  });
}

function suite(name: string, body: () => void): void {
  collected.suites.push({ name, before: [], after: [] });
  body();
  collected.suites.pop();
}

function eachOf(rows: readonly unknown[], of: (name: string, run: () => unknown) => void, spread: boolean) {
  return (name: string, body: Body) => {
    rows.forEach((row, i) => {
      const values = spread && Array.isArray(row) ? (row as unknown[]) : [row];
      of(`${format(name, ...values.map(String))} (${i})`, () => body(...values));
    });
  };
}
