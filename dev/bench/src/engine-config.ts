import type { EngineConfig, PairConfig } from '@lockstep/checks';
import { loadConfig } from 'lockstep/src/config/index.ts';

/** A configuration file as the program itself reads it, with one pair. */
export function readEngineConfig(file: string): { engine: EngineConfig; pair: PairConfig } {
  const loaded = loadConfig(file, {});
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join('\n'));
  const { engine } = loaded.config;
  const [pair] = engine.pairs;
  if (!pair) throw new Error('the configuration has no pair');
  return { engine, pair };
}
