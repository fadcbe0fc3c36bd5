import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { LogLevel, MutantResult } from '@stryker-mutator/api/core';
import { Stryker } from '@stryker-mutator/core';
import { type Killers, killers, near } from './killers.ts';
import { withoutRange } from './mutation.ts';

/**
 * What became of every mutation of some files, or of parts of them (`FILE:LINE:COLUMN-LINE:COLUMN`). In a copy of the
 * repository, one worker, every mutation by the tests that come past it.
 */
export async function kill(
  mutate: string[],
  by: Killers,
  { afresh, only = null }: { afresh: boolean; only?: 'near' | 'own' | null },
): Promise<MutantResult[]> {
  process.env['LOCKSTEP_MUTATE_BY'] = JSON.stringify(only ? near(mutate, only === 'own') : killers[by]);
  const mutants = await new Stryker({
    mutate,
    // Sentences are tested where they tell something; to empty each of them says little for a long time.
    mutator: { excludedMutations: ['StringLiteral'] },
    testRunner: 'in-process',
    plugins: ['runner/plugin.ts', 'survivors-reporter.ts'].map((path) => new URL(path, import.meta.url).href),
    coverageAnalysis: 'perTest',
    concurrency: 1,
    ignorePatterns: ['*', '!packages/checks/**', '!dev/{world,servers,mutate}/**', '!*.json', 'node_modules'],
    // Outside, for lint and types look at whatever lies in a workspace.
    tempDirName: join(tmpdir(), 'lockstep-mutate'),
    reporters: ['progress-append-only', 'survivors'],
    // What a test killed stays dead while neither changes; what lives is tried by every test that is new or changed.
    incremental: true,
    incrementalFile: join('node_modules/.cache/lockstep-mutate', `${only ?? by}.json`),
    force: afresh,
    logLevel: 'warn' as LogLevel,
    timeoutMS: 5_000,
    // A machine may have much else to do.
    dryRunTimeoutMinutes: 60,
  }).runMutationTest();
  // What is remembered of other files comes with it.
  const asked = new Set(mutate.map((file) => resolve(withoutRange(file))));
  return mutants.filter(({ fileName }) => asked.has(fileName));
}
