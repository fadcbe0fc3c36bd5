import type { Flavour } from '../model/server.ts';
import type { SqlRow } from './sql-server.ts';

/**
 * A session may have been somebody else's before: who pools sessions is to reset one before it is given away, and not
 * all do. How it is set up is set anew and read back; but a temporary table in it stays, and whoever reads there reads
 * that one in the place of the table that the server has under its name. No catalog of MySQL's lists it, nor does one
 * of MariaDB's before 11.2; the session itself has counted that it was made.
 */
export function tablesMadeStatement(flavour: Flavour): string {
  // MySQL does not count temporary ones apart.
  const counter = flavour === 'mysql' ? 'Com_create_table' : 'Com_create_temporary_table';
  return `SHOW SESSION STATUS WHERE Variable_name = '${counter}'`;
}

/** How many, by the answer to that. */
export function tablesMade(rows: readonly SqlRow[] | undefined): number {
  return Number(rows?.[0]?.['Value'] ?? 0);
}

/**
 * How many statements came to the session that were not sent from here, by the answer to `uptimeStatement`, before
 * which so many were. Nothing of anybody's is left in one without any. NaN where it does not say.
 */
export function askedByOthers(rows: readonly SqlRow[] | undefined, before: number): number {
  return Number(rows?.[0]?.['questions'] ?? NaN) - before - 1;
}

/** Why that session is not read in. */
export const leftBehind =
  'tables were made in its session before it came here, and temporary ones would be read in the place of others: does a pooler give sessions away without COM_RESET_CONNECTION, or init_connect make them?';
