import { type QueryOptions, type ServerFacts, ServerFault, type SqlServer } from '../server/sql-server.ts';
import {
  appliedPlace,
  binlogOwner,
  binlogPlace,
  binlogStatusStatement,
  channelName,
  domainsOf,
  replicaStatusStatement,
} from './file-row.ts';
import {
  appliedPositionFrom,
  gtidStatement,
  nodeGtidStatement,
  shownPositionFrom,
  shownStatement,
  sourcePositionFrom,
} from './gtid-row.ts';
import { readMembership } from './membership.ts';
import type { Position, PositionKind } from './position.ts';
import { withDomains, withOwner } from './replicated-part.ts';

/** How far the server's own data has come, to be waited for on targets; null when it keeps no such position. */
export async function readSourcePosition(
  server: SqlServer,
  kind: PositionKind,
  options?: QueryOptions,
): Promise<Position | null> {
  const facts = factsOf(server);
  if (kind === 'galera') return (await readMembership(server, options))?.position ?? null;
  if (kind === 'file') {
    const [row] = await server.query(binlogStatusStatement(facts), [], options);
    return row ? binlogPlace(row) : null;
  }
  const statement = facts.cluster === 'galera' ? nodeGtidStatement(facts) : gtidStatement(facts.flavour);
  const [row] = await server.query(statement, [], options);
  return row ? sourcePositionFrom(facts.flavour, row) : null;
}

/** The same with all that can be seen there already: who has that has all that was read before it was asked. */
export async function readShownPosition(
  server: SqlServer,
  kind: PositionKind,
  options?: QueryOptions,
): Promise<Position | null> {
  if (kind !== 'mysql-gtid') return await readSourcePosition(server, kind, options);
  const [row] = await server.query(shownStatement, [], options);
  return row ? shownPositionFrom(row) : null;
}

/**
 * How far the target has applied what it replicates. `channel` matters for `file` only ('' is the default channel);
 * null when there is no such channel.
 */
export async function readAppliedPosition(
  target: SqlServer,
  kind: PositionKind,
  channel = '',
  options?: QueryOptions,
): Promise<Position | null> {
  const facts = factsOf(target);
  if (kind === 'galera') return (await readMembership(target, options))?.position ?? null;
  if (kind === 'file') {
    const rows = await target.query(replicaStatusStatement(facts), [], options);
    const row = rows.find((row) => channelName(row) === channel);
    return row ? appliedPlace(row) : null;
  }
  const statement = kind === 'mysql-gtid' ? shownStatement : gtidStatement(facts.flavour);
  const [row] = await target.query(statement, [], options);
  if (!row) return null;
  const applied = appliedPositionFrom(facts.flavour, row, facts);
  if (applied.kind !== 'mysql-gtid') return applied;
  const { text: shows } = shownPositionFrom(row);
  return shows === applied.text ? applied : { ...applied, shows };
}

/**
 * The same by GTID, with the domains that the channel leaves out and whom it reads from: asked for last, so that
 * nothing counts that went before the position was read.
 */
export async function readAppliedOfChannel(
  target: SqlServer,
  kind: PositionKind,
  channel: string,
  options?: QueryOptions,
): Promise<Position | null> {
  const applied = await readAppliedPosition(target, kind, channel, options);
  if (applied?.kind !== 'mariadb-gtid') return applied;
  const rows = await target.query(replicaStatusStatement(factsOf(target)), [], options);
  const row = rows.find((row) => channelName(row) === channel);
  return row ? withOwner(withDomains(applied, domainsOf(row)), binlogOwner(row) ?? undefined) : applied;
}

function factsOf(server: SqlServer): ServerFacts {
  if (!server.facts) throw new ServerFault('connection', server.name, `${server.name} was never connected`);
  return server.facts;
}
