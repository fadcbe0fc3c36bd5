import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where unpacked servers and initialised data folders are kept between runs: `LOCKSTEP_CACHE`, else `lockstep` in the
 * user's cache folder. Outside node_modules, because every `npm ci` empties that. Safe to delete at any time.
 */
export function cacheFolder(): string {
  const { LOCKSTEP_CACHE, XDG_CACHE_HOME } = process.env;
  return LOCKSTEP_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'lockstep');
}
