import type { ServerState } from '../../model/server.ts';
import { formatInstant } from '../../time/instant.ts';
import { type Condition, condition, fingerprint } from '../condition/condition.ts';
import type { PairSnapshot, Snapshot } from '../condition/snapshot.ts';

/**
 * The target can be written to and could not before, or the source cannot and could before. A member of Group
 * Replication is what its role makes it, and roles change with every election.
 */
export function readOnlyChanged(
  { config }: PairSnapshot,
  servers: ServerState[],
  { groups = [] }: Pick<Snapshot, 'groups'> = {},
): Condition[] {
  const members = groups.filter(({ kind }) => kind === 'group-replication').flatMap(({ members }) => members);
  return servers.flatMap((server) => {
    if (members.some((member) => member.server === server.name)) return [];
    if (server.name === config.target) return judge(config.name, server, true);
    return server.name === config.source ? judge(config.name, server, false) : [];
  });
}

/**
 * A server that always was so is meant to be so: that raises nothing, but does not end the alert either (a restart
 * forgets how it was).
 */
function judge(pair: string, server: ServerState, wanted: boolean): Condition {
  const { name, connection, readOnly, readOnlyChanged: since } = server;
  const known = connection === 'connected' && readOnly !== null;
  const wrong = known && readOnly !== wanted;
  const side = wanted ? 'target' : 'source';
  const words = !known ? 'not known to be read-only or writable' : readOnly ? 'read-only' : 'writable';
  const changed = wrong && since ? ` since ${formatInstant(since)} and was not before` : '';
  return condition(
    'read-only-changed',
    { pair, server: name },
    {
      status: !known ? 'unknown' : wrong && since ? 'true' : 'false',
      severity: 'WARNING',
      ...(wrong && { keeps: 'WARNING' as const }),
      summary: wanted ? 'Target can be written to' : 'Source is read-only',
      evidence: `${name}, the ${side}, is ${words}${changed}`,
      follows: [fingerprint('connection-lost', { server: name })],
    },
  );
}
