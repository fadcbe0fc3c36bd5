import { parseArgs } from 'node:util';
import { UsageError } from '@lockstep/demo/src/options.ts';
import { scenes } from './scenes/index.ts';

export interface Options {
  /** Names of scenes, in the order of their ports; all when none was named. */
  names: string[];
  /** A folder for screenshots; null: the scenes are served until they are stopped. */
  screenshots: string | null;
  /** The one scene is shown by the page's sources, not by its build. */
  edit: boolean;
}

export const usage = `npm run states [-- [--screenshots FOLDER | --edit] [SCENE …]]; scenes: ${Object.keys(scenes).join(', ')}`;

/** Throws `UsageError` on anything it does not understand. */
export function parseOptions(args: string[]): Options {
  const { values, positionals } = parsed(args);
  const unknown = positionals.find((name) => !Object.hasOwn(scenes, name));
  if (unknown !== undefined) throw new UsageError(`there is no scene ${unknown}`);
  const wanted = (name: string) => positionals.length === 0 || positionals.includes(name);
  const names = Object.keys(scenes).filter(wanted);
  const { screenshots = null, edit = false } = values;
  if (edit && (names.length !== 1 || screenshots !== null)) {
    throw new UsageError('--edit takes one scene, and no screenshots');
  }
  return { names, screenshots, edit };
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { screenshots: { type: 'string' }, edit: { type: 'boolean' } },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
