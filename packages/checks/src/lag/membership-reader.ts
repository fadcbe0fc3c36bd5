import { type Membership, peerTables, readMembership } from '../position/membership.ts';
import type { Server } from '../server/server.ts';
import { ServerFault } from '../server/sql-server.ts';
import type { Clock } from '../time/clock.ts';

/** A missing privilege may be granted at any time. */
const againMs = 10_000;

/** Reads what a server says of its cluster, and what it knows of the others where it may be asked for that. */
export class MembershipReader {
  readonly #options: { server: Server; timeoutMs: number; clock: Clock };
  #refusedAt = -Infinity;

  constructor(options: { server: Server; timeoutMs: number; clock: Clock }) {
    this.#options = options;
  }

  /** As `readMembership`, on the sampler's connection. */
  async read(): Promise<Membership | null> {
    const { server, timeoutMs, clock } = this.#options;
    const query = { lane: 'sampler', timeoutMs } as const;
    if (server.facts?.cluster !== 'group-replication') return await readMembership(server, query);
    if (clock.now() - this.#refusedAt < againMs) return await readMembership(server, query);
    try {
      const membership = await readMembership(server, query, true);
      for (const table of peerTables) server.clearMissing(featureOf(table));
      return membership;
    } catch (fault) {
      if (!(fault instanceof ServerFault) || fault.kind !== 'privilege') throw fault;
      this.#refusedAt = clock.now();
      const table = peerTables.find((name) => fault.message.includes(`'${name}'`)) ?? peerTables[0];
      await server.reportFault(featureOf(table), `SELECT ON performance_schema.${table}`, fault);
      return await readMembership(server, query);
    }
  }
}

function featureOf(table: (typeof peerTables)[number]): string {
  return table === 'replication_group_members' ? 'members of the group' : 'view of the group';
}
