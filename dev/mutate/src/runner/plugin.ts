import { globSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { InstrumenterContext } from '@stryker-mutator/api/core';
import { declareFactoryPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  determineHitLimitReached,
  type DryRunResult,
  DryRunStatus,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  type TestRunnerCapabilities,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import { beginFile, type Collected, collected } from './collected.ts';

const place = new URL('vitest.ts', import.meta.url).href;
const forgetful = new URL('forgetful.ts', import.meta.url).href;
/** Tests may stop the clock. */
const { setTimeout, clearTimeout, performance } = globalThis;
/** What takes longer than this, and than many times as long as without a mutation, waits for ever. */
const patienceMs = 2000;
const patience = 4;

type Globs = Record<'include' | 'exclude', string[]>;
type Outcome = { failure: string | null; hangs: boolean };

/**
 * Runs tests in Stryker's own process, imported once for all mutations: to start vitest for each takes some ten times
 * as long as its tests. A process in which a test was left hanging is not used any more.
 */
class InProcessRunner implements TestRunner {
  readonly #tests = new Map<string, Collected>();
  readonly #loaded = new Set<string>();
  readonly #tookMs = new Map<string, number>();
  #spoilt = false;

  capabilities(): TestRunnerCapabilities {
    return { reloadEnvironment: false };
  }

  async dryRun(): Promise<DryRunResult> {
    const context = contextOf();
    context.mutantCoverage = { static: {}, perTest: {} };
    const tests: TestResult[] = [];
    await this.#loadAll();
    for (const [id, test] of this.#tests) {
      context.currentTestId = id;
      const began = performance.now();
      const { failure } = await this.#run(test, Infinity);
      const timeSpentMs = performance.now() - began;
      delete context.currentTestId;
      this.#tookMs.set(id, timeSpentMs);
      const about = { id, name: test.name, fileName: test.file, timeSpentMs };
      tests.push(
        failure === null
          ? { ...about, status: TestStatus.Success }
          : { ...about, status: TestStatus.Failed, failureMessage: failure },
      );
    }
    return { status: DryRunStatus.Complete, tests, mutantCoverage: context.mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit }: MutantRunOptions): Promise<MutantRunResult> {
    // Stryker goes on with another process then.
    if (this.#spoilt) throw new Error('a test still hangs in this process');
    const context = contextOf();
    context.activeMutant = activeMutant.id;
    if (hitLimit !== undefined) Object.assign(context, { hitLimit, hitCount: 0 });
    const done: TestResult[] = [];
    // What is reckoned while a file is imported is tried by all, in a process that has imported none yet.
    if (!testFilter) await this.#loadAll();
    // The first that fails ends it.
    const tookMs = (id: string) => this.#tookMs.get(id) ?? 0;
    const quickestFirst = [...(testFilter ?? this.#tests.keys())].sort((a, b) => tookMs(a) - tookMs(b));
    for (const id of quickestFirst) {
      // After a hang all begins anew, and little of it is needed then.
      await this.#load(id.slice(0, id.indexOf('#')));
      const test = this.#tests.get(id);
      if (!test) continue;
      const limitMs = patienceMs + patience * tookMs(id);
      const { failure, hangs } = await this.#run(test, limitMs);
      const endless = determineHitLimitReached(context.hitCount, context.hitLimit);
      if (hangs || endless) {
        this.#spoilt = true;
        return toMutantRunResult(endless ?? { status: DryRunStatus.Timeout });
      }
      const about = { id, name: test.name, timeSpentMs: 0 };
      if (failure !== null) {
        done.push({ ...about, status: TestStatus.Failed, failureMessage: failure });
        break;
      }
      done.push({ ...about, status: TestStatus.Success });
    }
    return toMutantRunResult({ status: DryRunStatus.Complete, tests: done });
  }

  async #run(test: Collected, limitMs: number): Promise<Outcome> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Outcome>((settle) => {
      if (limitMs < Infinity) timer = setTimeout(() => settle({ failure: 'hangs', hangs: true }), limitMs);
    });
    const outcome = await Promise.race([attempt(test), late]);
    clearTimeout(timer);
    return outcome;
  }

  async #loadAll(): Promise<void> {
    const { include, exclude } = JSON.parse(process.env['LOCKSTEP_MUTATE_BY'] ?? '') as Globs;
    for (const file of globSync(include, { exclude }).sort()) await this.#load(resolve(file));
  }

  async #load(file: string): Promise<void> {
    if (this.#loaded.size === 0) standIn();
    if (this.#loaded.has(file)) return;
    this.#loaded.add(file);
    beginFile(file);
    await import(pathToFileURL(file).href);
    for (const test of collected.tests.splice(0)) this.#tests.set(`${file}#${test.name}`, test);
  }
}

/** In the place of vitest, and of what outlives a mutation. */
function standIn(): void {
  // What fails behind a test's back fails no other.
  process.on('uncaughtException', () => undefined);
  process.on('unhandledRejection', () => undefined);
  registerHooks({
    resolve: (specifier, context, next) => {
      if (specifier === 'vitest' && context.parentURL !== place) return { url: place, shortCircuit: true };
      if (specifier === './remember.ts') return { url: forgetful, shortCircuit: true };
      return next(specifier, context);
    },
  });
}

async function attempt({ before, run, after }: Collected): Promise<Outcome> {
  collected.atEnd = [];
  const failures: unknown[] = [];
  const step = async (what: () => unknown) => {
    try {
      await what();
    } catch (error) {
      failures.push(error);
    }
  };
  for (const hook of before) await step(hook);
  if (failures.length === 0) await step(run);
  for (const hook of [...collected.atEnd.reverse(), ...after]) await step(hook);
  return { failure: failures.length === 0 ? null : String(failures[0]), hangs: false };
}

function contextOf(): InstrumenterContext {
  const here = globalThis as { __stryker__?: InstrumenterContext };
  return (here.__stryker__ ??= {});
}

export const strykerPlugins = [
  declareFactoryPlugin(PluginKind.TestRunner, 'in-process', () => new InProcessRunner()),
];
