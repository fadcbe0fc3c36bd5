import type { ChannelStatus } from '../model/replication.ts';
import { formatMariadbGtidList, newestOfEach, parseMariadbGtidList } from './mariadb-gtid-list.ts';
import { orderOf } from './out-of-order.ts';
import type { BinlogOwner, Position } from './position.ts';

/** A place in a binlog needs to be told whose binlog the channel reads, and how. */
type Channel = Pick<ChannelStatus, 'filters'> &
  Partial<Pick<ChannelStatus, 'sourceHost' | 'sourcePort' | 'sourceIdentity' | 'usesGtid' | 'parallelMode'>>;

/**
 * The part of a source's position that a channel replicates at all: MariaDB can leave out whole domains, which the
 * target then never knows of and must not be waited for. (Other filters leave GTIDs as they are.) Nor does it get from
 * the source itself (`direct`) what the source knows of but has not in its own binlog, e.g. of its past as a replica;
 * nor from another node of the source's cluster what the source wrote for itself, in the domain `alone`; but all that
 * the source has of the cluster's, whoever logs it.
 */
export function replicatedPart(
  position: Position,
  channel: Channel,
  direct = false,
  alone: string | null = null,
): Position {
  if (position.kind === 'file') {
    const of = ownerOf(channel);
    return of ? { ...position, of } : position;
  }
  if (position.kind !== 'mariadb-gtid') return position;
  const text = direct ? (position.written ?? position.text) : withUnlogged(position);
  const cut = direct && text !== position.text && fromOf(ownerOf(channel));
  const only = idsIn(channel, 'Replicate_Do_Domain_Ids');
  const without = idsIn(channel, 'Replicate_Ignore_Domain_Ids');
  if (!only && !without && alone === null) {
    return cut === false ? position : { ...position, text, ...(cut && { from: cut }) };
  }
  const domainsOfChannel = replicatedDomains(channel);
  const list = new Map(
    [...parseMariadbGtidList(text)].filter(
      ([domain]) => domain !== alone && (!only || only.has(domain)) && !without?.has(domain),
    ),
  );
  return {
    ...position,
    text: formatMariadbGtidList(list),
    ...(domainsOfChannel !== '' && { domains: domainsOfChannel }),
    ...(cut && { from: cut }),
  };
}

/** Whether a channel that reads from the source itself gets less than the source has: not all is in its own binlog. */
export function logsLess(source: Position | null): boolean {
  if (source?.kind !== 'mariadb-gtid') return false;
  return source.written !== undefined && source.written !== source.text;
}

function withUnlogged({ text, unlogged = '' }: Extract<Position, { kind: 'mariadb-gtid' }>): string {
  if (unlogged === '') return text;
  return formatMariadbGtidList(newestOfEach(parseMariadbGtidList(text), parseMariadbGtidList(unlogged)));
}

function ownerOf(channel: Channel): BinlogOwner | undefined {
  const { sourceHost: host, sourcePort: port, sourceIdentity: identity = null, usesGtid } = channel;
  if (host === undefined || port === undefined) return undefined;
  const order = orderOf({ usesGtid: usesGtid === true, parallelMode: channel.parallelMode });
  return { host, port, identity, ...(order && { order }) };
}

function fromOf(owner: BinlogOwner | undefined): string | undefined {
  return owner && `${owner.host}:${owner.port}`;
}

/** Which domains a channel leaves out, in the server's words; '' where it leaves out none. */
export function replicatedDomains({ filters }: Pick<ChannelStatus, 'filters'>): string {
  return filters
    .filter(({ name }) => domainFilters.has(name))
    .map(({ name, value }) => `${name}=${value}`)
    .join(' ');
}

/** What was applied, with what the channel left out by the same answer; undefined: that is not known. */
export function withDomains(applied: Position, domains: string | undefined): Position {
  return applied.kind === 'mariadb-gtid' && domains !== undefined ? { ...applied, domains } : applied;
}

/** The same with whom it read from. */
export function withOwner(applied: Position, owner: BinlogOwner | undefined): Position {
  const from = fromOf(owner);
  return applied.kind === 'mariadb-gtid' && from !== undefined ? { ...applied, from } : applied;
}

/** Whether a channel applies what is written in a MariaDB domain. */
export function takesDomain(channel: Pick<ChannelStatus, 'filters'>, domain: string): boolean {
  const only = idsIn(channel, 'Replicate_Do_Domain_Ids');
  const without = idsIn(channel, 'Replicate_Ignore_Domain_Ids');
  return (!only || only.has(domain)) && without?.has(domain) !== true;
}

/**
 * By which filter a channel leaves out a MariaDB transaction as such, in the server's words; null where it does not.
 * The server counts it among what it has applied even so.
 */
export function countsUnapplied(
  channel: Pick<ChannelStatus, 'filters'>,
  { domain, server }: { domain: string; server: string },
): string | null {
  if (!takesDomain(channel, domain)) return replicatedDomains(channel);
  return idsIn(channel, ofWriters)?.has(server) ? `${ofWriters}=${server}` : null;
}

/** By which filter a channel leaves out tables, whatever transaction they are changed by; null for none. */
export function leavesOutTables({ filters }: Pick<ChannelStatus, 'filters'>): string | null {
  const filter = filters.find(({ name }) => tableFilters.test(name));
  return filter ? `${filter.name}=${filter.value}` : null;
}

const tableFilters = /^Replicate_(Wild_)?(Do|Ignore)_(DB|Table)$/;
const ofWriters = 'Replicate_Ignore_Server_Ids';
const domainFilters = new Set(['Replicate_Do_Domain_Ids', 'Replicate_Ignore_Domain_Ids']);

function idsIn({ filters }: Pick<ChannelStatus, 'filters'>, name: string): Set<string> | null {
  const filter = filters.find((filter) => filter.name === name);
  return filter ? new Set(filter.value.match(/\d+/g)) : null;
}
