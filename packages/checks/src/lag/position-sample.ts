import { appliedPositionFrom, appliersFrom, historyFrom, sourcePositionFrom } from '../position/gtid-row.ts';
import type { Membership } from '../position/membership.ts';
import type { BinlogOwner, Position } from '../position/position.ts';
import type { ServerFacts, SqlRow } from '../server/sql-server.ts';

/** A server's position by GTID, in its three readings. */
export interface GtidPositions {
  /** As a source: what its targets should get. */
  source: Position;
  /** As a target: what it has applied. */
  applied: Position;
  /** Who wrote what, see `historyFrom`. */
  history: string;
  /** See `appliersFrom`. */
  appliers?: number | null;
}

/** A position, and when it was asked for and told, as in `PositionSample`. */
export interface SeenPosition {
  position: Position;
  sentAt: number;
  receivedAt: number;
}

/** What one look at a server told. What did not change is the same object as in the look before. */
export interface PositionSample {
  /** On the monotonic clock, in ms: the server was in this state at some moment between the two. */
  sentAt: number;
  receivedAt: number;
  gtid: GtidPositions;
  /** Where it writes its binlog, as of the last look that asked; null unless some pair needs it, and it was told. */
  binlog: SeenPosition | null;
  /** Where it is in its sources' binlogs, by channel; null unless some pair needs it. */
  places: Map<string, Position> | null;
  /** Which domains its channels leave out, see `replicatedDomains`; as of this look, where it told places. */
  domains?: Map<string, string> | null;
  /** Whom they read from, and how; likewise. A channel may have no place yet. */
  owners?: Map<string, BinlogOwner> | null;
  /** What they have received, by GTID; likewise, and read after what was applied. */
  received?: Map<string, string> | null;
  /** What it says of the cluster that it is a member of; null for a server that is none. */
  membership?: Membership | null;
  /** What was being committed just before, see `readCommitsInFlight`; null unless somebody needs to know. */
  inFlight?: string | null;
}

/** Turns rows into positions, but only when the server printed something new: usually it did not. */
export class GtidReading {
  #columns: unknown[] = [];
  #positions: GtidPositions | null = null;

  read(row: SqlRow, facts: ServerFacts): GtidPositions {
    const columns = [...Object.values(row), facts.serverId];
    if (!this.#positions || columns.some((column, index) => column !== this.#columns[index])) {
      this.#positions = {
        source: sourcePositionFrom(facts.flavour, row),
        applied: appliedPositionFrom(facts.flavour, row, facts),
        history: historyFrom(facts.flavour, row),
        appliers: appliersFrom(row),
      };
      // Of what cannot be read, which threw, the positions before are not those.
      this.#columns = columns;
    }
    return this.#positions;
  }
}
