import { writeSync } from 'node:fs';
import type { MutantResult } from '@stryker-mutator/api/core';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import type { Reporter } from '@stryker-mutator/api/report';
import { lives, mutationOf, shown } from './mutation.ts';

/** Tells what lives as soon as it is known: a run takes long, and is often ended before it is over. */
class SurvivorsReporter implements Reporter {
  onMutantTested(mutant: Readonly<MutantResult>): void {
    if (lives(mutant)) writeSync(2, `${mutant.status}: ${shown(mutationOf(mutant))}\n`);
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.Reporter, 'survivors', SurvivorsReporter)];
