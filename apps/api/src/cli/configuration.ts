import { existsSync } from 'node:fs';
import { formatProblem, loadConfig, type LoadedConfig } from '../config/index.ts';
import { type Io, UsageError } from './io.ts';

const usualFiles = ['lockstep.yaml', 'lockstep.yml', 'lockstep.json'];

/** Loads the configuration, or throws UsageError with everything that is wrong with it. */
export function loadOrExplain(option: string | undefined, { env }: Pick<Io, 'env'>): LoadedConfig {
  const file = option ?? env['LOCKSTEP_CONFIG'] ?? usualFiles.find((usual) => existsSync(usual));
  if (!file) {
    throw new UsageError(
      `no configuration: give --config FILE, set LOCKSTEP_CONFIG, or put ${usualFiles[0]} into this folder (config.example.yaml shows how)`,
    );
  }
  const loaded = loadConfig(file, env);
  if (loaded.ok) return loaded.config;
  const count = loaded.problems.length;
  throw new UsageError(
    [
      ...loaded.problems.map(formatProblem),
      `${count} ${count === 1 ? 'problem' : 'problems'} in the configuration.`,
    ].join('\n'),
  );
}
