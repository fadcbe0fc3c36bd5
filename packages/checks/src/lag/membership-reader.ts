import { memberFrom, type Membership, peersStatement, peerTables } from '../position/membership.ts';
import type { Server } from '../server/server.ts';
import { ServerFault, type SqlRow } from '../server/sql-server.ts';
import type { Clock } from '../time/clock.ts';

/** A missing privilege may be granted at any time. */
const againMs = 10_000;

/** Reads what a server says of its cluster, and what it knows of the others where it may be asked for that. */
export class MembershipReader {
  readonly #options: { server: Server; clock: Clock };
  #refusedAt = -Infinity;

  constructor(options: { server: Server; clock: Clock }) {
    this.#options = options;
  }

  /** What to ask for the others with the member itself; null where that is of no use at present. */
  get ofPeers(): string | null {
    const { server, clock } = this.#options;
    if (server.facts?.cluster !== 'group-replication') return null;
    return clock.now() - this.#refusedAt < againMs ? null : peersStatement;
  }

  /** From the answers to `membershipStatement` and to `ofPeers`; null where the server can be no member. */
  async read(rows: SqlRow[] | null, peers: SqlRow[] | ServerFault | null): Promise<Membership | null> {
    const { server, clock } = this.#options;
    if (!rows || !server.facts) return null;
    if (!(peers instanceof ServerFault)) {
      if (peers) for (const table of peerTables) server.clearMissing(featureOf(table));
      return memberFrom(server.facts, rows, peers);
    }
    if (peers.kind !== 'privilege') throw peers;
    this.#refusedAt = clock.now();
    const table = peerTables.find((name) => peers.message.includes(`'${name}'`)) ?? peerTables[0];
    await server.reportFault(featureOf(table), `SELECT ON performance_schema.${table}`, peers);
    return memberFrom(server.facts, rows);
  }
}

function featureOf(table: (typeof peerTables)[number]): string {
  return table === 'replication_group_members' ? 'members of the group' : 'view of the group';
}
