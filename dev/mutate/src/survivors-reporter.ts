import { writeSync } from 'node:fs';
import { resolve } from 'node:path';
import type { MutantResult, StrykerOptions } from '@stryker-mutator/api/core';
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin';
import type { Reporter } from '@stryker-mutator/api/report';
import { lives, mutationOf, shown, withoutRange } from './mutation.ts';

/** Tells what lives as soon as it is known: a run takes long, and is often ended before it is over. */
class SurvivorsReporter implements Reporter {
  static readonly inject = tokens(commonTokens.options);
  readonly #asked: ReadonlySet<string>;

  constructor({ mutate }: StrykerOptions) {
    this.#asked = new Set(mutate.map((file) => resolve(withoutRange(file))));
  }

  onMutantTested(mutant: Readonly<MutantResult>): void {
    // What is remembered of other files is told as well.
    if (!lives(mutant) || !this.#asked.has(mutant.fileName)) return;
    writeSync(2, `${mutant.status}: ${shown(mutationOf(mutant))}\n`);
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.Reporter, 'survivors', SurvivorsReporter)];
