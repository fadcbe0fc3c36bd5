import { randomInt } from 'node:crypto';
import type { SqlRow } from './sql-server.ts';

const variable = '@lockstep_shown';

/**
 * A SHOW and what a SELECT knows of it when it is sent behind: what is no SELECT has no room for who answers, but a
 * condition of a SHOW can leave a number in its session. Of those that take one, this costs a server least.
 */
export class Shown {
  readonly #number = randomInt(1_000_000_000);

  get statement(): string {
    return `SHOW CHARACTER SET WHERE Charset = 'binary' AND (${variable} := ${this.#number}) = ${this.#number}`;
  }

  /** An item of the SELECT. */
  readonly item = `${variable} AS shown`;

  /** Whether the session of the SELECT was asked the SHOW, too, and answered it. */
  proves(show: SqlRow[] | undefined, select: SqlRow[] | undefined): boolean {
    return show?.length === 1 && String(select?.[0]?.['shown']) === String(this.#number);
  }
}
