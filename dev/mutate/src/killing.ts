import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogLevel, MutantResult } from '@stryker-mutator/api/core';
import { Stryker } from '@stryker-mutator/core';

/** Who is to notice a mutation: the serverless tests, or the simulated world. */
export type Killers = 'tests' | 'worlds';

/**
 * What became of every mutation of some files, or of parts of them (`FILE:LINE:COLUMN-LINE:COLUMN`). In a copy of the
 * repository, one worker, every mutation by the tests that come past it.
 */
export async function kill(mutate: string[], by: Killers): Promise<MutantResult[]> {
  process.env['LOCKSTEP_MUTATE_BY'] = by;
  return new Stryker({
    mutate,
    // Sentences are tested where they tell something; to empty each of them says little for a long time.
    mutator: { excludedMutations: ['StringLiteral'] },
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'dev/mutate/vitest.config.ts', related: false },
    coverageAnalysis: 'perTest',
    concurrency: 1,
    ignorePatterns: ['*', '!packages/checks/**', '!dev/{world,servers,mutate}/**', '!*.json', 'node_modules'],
    // Outside, for lint and types look at whatever lies in a workspace.
    tempDirName: join(tmpdir(), 'lockstep-mutate'),
    reporters: ['progress-append-only'],
    logLevel: 'warn' as LogLevel,
    timeoutMS: 15_000,
  }).runMutationTest();
}
