import { existsSync } from 'node:fs';
import {
  formatProblem,
  loadConfig,
  loadConfigMeanwhile,
  type LoadedConfig,
  type LoadResult,
} from '../config/index.ts';
import type { Load } from '../reload.ts';
import { type Io, UsageError } from './io.ts';

const usualFiles = ['lockstep.yaml', 'lockstep.yml', 'lockstep.json'];

/** Loads the configuration, or throws UsageError with everything that is wrong with it. */
export function loadOrExplain(option: string | undefined, { env }: Pick<Io, 'env'>): LoadedConfig {
  return soundOrExplained(loadConfig(fileFor(option, env), env));
}

/** The same while the program has other things to do; what is wrong is answered. */
export async function loadAgain(option: string | undefined, { env }: Pick<Io, 'env'>): ReturnType<Load> {
  try {
    return { ok: true, config: soundOrExplained(await loadConfigMeanwhile(fileFor(option, env), env)) };
  } catch (error) {
    if (error instanceof UsageError) return { ok: false, message: error.message };
    throw error;
  }
}

function fileFor(option: string | undefined, env: Io['env']): string {
  const file = option ?? env['LOCKSTEP_CONFIG'] ?? usualFiles.find((usual) => existsSync(usual));
  if (!file) {
    throw new UsageError(
      `no configuration: give --config FILE, set LOCKSTEP_CONFIG, or put ${usualFiles[0]} into this folder (config.example.yaml shows how)`,
    );
  }
  return file;
}

function soundOrExplained(loaded: LoadResult): LoadedConfig {
  if (loaded.ok) return loaded.config;
  const count = loaded.problems.length;
  throw new UsageError(
    [
      ...loaded.problems.map(formatProblem),
      `${count} ${count === 1 ? 'problem' : 'problems'} in the configuration.`,
    ].join('\n'),
  );
}
