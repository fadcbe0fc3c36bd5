import { findOrInstall } from '@lockstep/servers';
import { atLeast, type Version } from '../../src/server/flavour.ts';

const found = await findOrInstall('mariadb').catch(() => null);

/** Whether the MariaDB of this run has what came with a version of it. */
export function mariadbHas(since: Version): boolean {
  return found !== null && atLeast(found.version, since);
}

/** Columns of type UUID. */
export const mariadbHasUuid = mariadbHas([10, 7, 0]);
