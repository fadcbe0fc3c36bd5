import { parseArgs } from 'node:util';
import { UsageError } from '@lockstep/demo/src/options.ts';
import { scenes } from './scenes/index.ts';

export interface Options {
  /** Names of scenes, in the order of their ports; all when none was named. */
  names: string[];
  /** A folder for screenshots; null: the scenes are served until they are stopped. */
  screenshots: string | null;
}

export const usage = `npm run states [-- [--screenshots FOLDER] [SCENE …]]; scenes: ${Object.keys(scenes).join(', ')}`;

/** Throws `UsageError` on anything it does not understand. */
export function parseOptions(args: string[]): Options {
  const { values, positionals } = parsed(args);
  const unknown = positionals.find((name) => !Object.hasOwn(scenes, name));
  if (unknown !== undefined) throw new UsageError(`there is no scene ${unknown}`);
  const wanted = (name: string) => positionals.length === 0 || positionals.includes(name);
  return { names: Object.keys(scenes).filter(wanted), screenshots: values.screenshots ?? null };
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, allowPositionals: true, options: { screenshots: { type: 'string' } } });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
