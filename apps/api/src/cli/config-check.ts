import { inspectStorage } from '@lockstep/checks';
import { loadOrExplain } from './configuration.ts';
import { effectiveYaml } from './effective-yaml.ts';
import { EXIT } from './exit-code.ts';
import type { Io } from './io.ts';

/** `lockstep config check` */
export function checkConfig(file: string | undefined, io: Io): number {
  const config = loadOrExplain(file, io);
  io.stdout.write(effectiveYaml(config.values));
  const { servers, pairs } = config.engine;
  io.stderr.write(`${config.file} is valid: ${count(servers, 'server')}, ${count(pairs, 'pair')}.\n`);
  const trouble = inspectStorage(config.engine.storage);
  if (trouble === null) return EXIT.ok;
  io.stderr.write(`History would not be kept: ${trouble}.\n`);
  return EXIT.failed;
}

const count = (list: readonly unknown[], noun: string): string =>
  `${list.length} ${noun}${list.length === 1 ? '' : 's'}`;
