import { binlogStatusStatement } from '../position/file-row.ts';
import type { Server } from '../server/server.ts';
import type { ServerFacts, ServerFault, SqlRow } from '../server/sql-server.ts';
import { mustBeStill } from '../server/still.ts';
import type { Clock } from '../time/clock.ts';
import type { PositionSample } from './position-sample.ts';

export interface ClosedBinlogOptions {
  server: Pick<Server, 'name' | 'facts' | 'queryTogether'>;
  timeoutMs: number;
  clock: Clock;
}

/** A position stands still that has done so for this long. */
const stillMs = 1000;
/** How often it is asked then: it is rare, and an idle server is to be left alone. */
const everyMs = 5000;
/** Who may not be asked, or did not answer, is left alone for so long. */
const restMs = 60_000;

/**
 * Whether a server has closed its binlog and goes on without one, as MariaDB does when it cannot begin a new file, and
 * MySQL with `binlog_error_action = IGNORE_ERROR`. Its GTIDs stand still then, as where nothing is written. So it is
 * asked where they do: not in a look at its position, for the answer waits on the binlog's lock.
 */
export class ClosedBinlog {
  closed = false;
  readonly #options: ClosedBinlogOptions;
  #history: string | null = null;
  #since = -Infinity;
  #isAsked = false;
  #nextAt = -Infinity;

  constructor(options: ClosedBinlogOptions) {
    this.#options = options;
  }

  /** It was looked at; `tellsPlace`: with its place in its binlog, which it has then. */
  notice({ gtid: { history }, binlog }: PositionSample, tellsPlace: boolean): void {
    const { server, clock } = this.#options;
    const now = clock.now();
    if (this.#history !== history) this.#since = now;
    this.#history = history;
    if (!server.facts?.binlog || (tellsPlace && binlog)) this.closed = false;
    else if (this.#isAsked || now < this.#nextAt) return;
    else if (this.closed || now - this.#since >= stillMs) void this.#ask(server.facts);
  }

  async #ask(facts: ServerFacts): Promise<void> {
    const { server, timeoutMs, clock } = this.#options;
    this.#isAsked = true;
    let answer: SqlRow[] | ServerFault | undefined;
    try {
      [answer] = await server
        .queryTogether([binlogStatusStatement(facts)], { lane: 'status', timeoutMs })
        .finally(() => mustBeStill(server, facts));
    } catch {
      // That it does not answer, or is another one now, is told by who looks at its position.
    }
    if (Array.isArray(answer)) this.closed = answer.length === 0;
    this.#nextAt = clock.now() + (Array.isArray(answer) ? everyMs : restMs);
    this.#isAsked = false;
  }
}
