import { contains } from '../../position/contains.ts';
import type { Position, PositionKind } from '../../position/position.ts';
import { readSourcePosition } from '../../position/read-position.ts';
import { readBinlogEnd, readShownPlace, readWaitingCommits } from '../../position/visible.ts';
import type { QueryOptions, SqlServer } from '../../server/sql-server.ts';

const nothing: Extract<Position, { kind: 'mariadb-gtid' }> = { kind: 'mariadb-gtid', text: '' };

/**
 * How far a member is with what comes to it by another one's channel. Of MariaDB that is in its binlog alone, where it
 * stands before it can be read: for as long as another replica has to acknowledge it, too.
 */
export class ShownThroughCluster {
  #shown = nothing;
  /** What it had when its binlog ended there, which it does not show yet. Stays, or a busy one would never show it. */
  #coming: { position: typeof nothing; end: Position } | null = null;

  async read(server: SqlServer, kind: PositionKind, options: QueryOptions): Promise<Position | null> {
    const position = await readSourcePosition(server, kind, options);
    if (server.facts?.cluster !== 'galera' || position?.kind !== 'mariadb-gtid') return position;
    const end = await readBinlogEnd(server, options);
    const place = end && (await readShownPlace(server, options));
    const shows = end && place ? contains(place, end) : (await readWaitingCommits(server, options)) === 0;
    if (shows) {
      this.#coming = null;
      this.#shown = position;
      return position;
    }
    if (end && place && this.#coming && contains(place, this.#coming.end)) {
      this.#shown = this.#coming.position;
      this.#coming = null;
    }
    if (end) this.#coming ??= { position, end };
    return { ...this.#shown, shows: position.text };
  }
}
