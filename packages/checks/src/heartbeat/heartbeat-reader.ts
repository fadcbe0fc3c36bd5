import type { Mishaps } from '../mishaps.ts';
import { foreignText } from '../server/foreign-text.ts';
import type { Server } from '../server/server.ts';
import { ServerFault, type SqlRow } from '../server/sql-server.ts';
import { qualified } from '../server/sql-text.ts';
import { formatTableName, type TableName } from '../table-name.ts';
import type { Clock } from '../time/clock.ts';
import { StandStill } from '../time/stand-still.ts';
import { Ticker } from '../time/ticker.ts';
import { beatTime } from './beat-time.ts';

/** One row of a heartbeat table. */
export interface HeartbeatRow {
  /** As it was written. */
  text: string;
  /** Null when the text is no time. */
  ms: number | null;
}

/** What a server's heartbeat table held, by the server id of who writes the row. */
export interface HeartbeatLook {
  /** On Lockstep's monotonic clock. */
  sentAt: number;
  receivedAt: number;
  rows: Map<string, HeartbeatRow>;
  /** The server's own clock at the time, in UTC and in its machine's time zone; null when there is no row. */
  utcMs: number | null;
  localMs: number | null;
}

export interface HeartbeatListener {
  look: (look: HeartbeatLook) => void;
  fault: (fault: ServerFault) => void;
}

export interface HeartbeatReaderOptions {
  server: Server;
  table: TableName;
  intervalMs: number;
  phaseMs: number;
  timeoutMs: number;
  clock: Clock;
  mishaps: Mishaps;
}

/**
 * A heartbeat written every second and read every second is always read at the same age, which may be any. Read a
 * little more often, it is read at every age in turn, and soon just after it was written.
 */
const sweep = 0.93;

/** Rows are one for each server that has a pt-heartbeat of its own: more than this is another kind of table. */
const maxRows = 1000;

/** Reads one heartbeat table on one server again and again, for all pairs that the server takes part in. */
export class HeartbeatReader {
  latest: HeartbeatLook | null = null;
  /** Why the last look failed; null when it did not. */
  fault: ServerFault | null = null;
  readonly #options: HeartbeatReaderOptions;
  readonly #ticker: Ticker;
  #listeners: HeartbeatListener[] = [];

  constructor(options: HeartbeatReaderOptions) {
    this.#options = options;
    const { intervalMs, phaseMs, clock } = options;
    this.#ticker = new Ticker({
      intervalMs: intervalMs * sweep,
      phaseMs,
      clock,
      job: () => this.#look(),
      onError: (error) => this.#unexpected(error),
    });
  }

  /** Answers how to be told no more. */
  listen(listener: HeartbeatListener): () => void {
    this.#listeners = [...this.#listeners, listener];
    return () => (this.#listeners = this.#listeners.filter((other) => other !== listener));
  }

  start(): void {
    this.#ticker.start();
  }

  /** Nobody is told anything any more; a statement under way ends with its connection. */
  stop(): void {
    this.#ticker.stop();
    this.#listeners = [];
  }

  async #look(): Promise<void> {
    const { server, table } = this.#options;
    const feature = `heartbeat ${formatTableName(table)}`;
    let look: HeartbeatLook;
    try {
      look = await this.#read();
    } catch (error) {
      if (!(error instanceof ServerFault)) this.#unexpected(error);
      const fault =
        error instanceof ServerFault ? error : new ServerFault('statement', server.name, String(error));
      await server.reportFault(feature, `SELECT ON ${qualified(table)}`, fault);
      const grant = server.state.missingPrivileges.find((missing) => missing.feature === feature)?.grant;
      const said =
        fault.kind === 'privilege' && grant
          ? new ServerFault('privilege', server.name, `${fault.message}; ${grant}`, fault.errno)
          : fault;
      this.fault = said;
      this.#tell((listener) => listener.fault(said));
      return;
    }
    this.latest = look;
    this.fault = null;
    server.clearMissing(feature);
    this.#tell((listener) => listener.look(look));
  }

  /** Whoever fails at what it is told fails alone. */
  #tell(tell: (listener: HeartbeatListener) => void): void {
    const { mishaps, server } = this.#options;
    for (const listener of this.#listeners) {
      mishaps.guard('reading heartbeats', () => tell(listener), { server: server.name });
    }
  }

  #unexpected(error: unknown): void {
    const { mishaps, server } = this.#options;
    mishaps.happened('reading heartbeats', error, { server: server.name });
  }

  async #read(): Promise<HeartbeatLook> {
    const { server, table, timeoutMs, clock } = this.#options;
    const standStill = new StandStill(clock);
    const sentAt = clock.now();
    const rows = await server.query(
      `SELECT server_id AS serverId, ts, UTC_TIMESTAMP(6) AS utc,
        CONVERT_TZ(UTC_TIMESTAMP(6), '+00:00', 'SYSTEM') AS local FROM ${qualified(table)} LIMIT ${maxRows}`,
      [],
      { lane: 'status', timeoutMs, emptyTells: false },
    );
    if (standStill.noticed()) {
      throw new Error(`the clock stood still while ${server.name} was asked: the machine was suspended`);
    }
    const [first] = rows;
    return {
      sentAt,
      receivedAt: clock.now(),
      rows: new Map(rows.map((row) => [foreignText(String(row['serverId'])), heartbeatRow(row)])),
      utcMs: first ? beatTime(String(first['utc'])) : null,
      localMs: first ? beatTime(String(first['local'])) : null,
    };
  }
}

function heartbeatRow(row: SqlRow): HeartbeatRow {
  const text = foreignText(String(row['ts']));
  return { text, ms: beatTime(text) };
}
