import type { ChannelStatus } from '../model/replication.ts';
import { formatMariadbGtidList, parseMariadbGtidList } from './mariadb-gtid-list.ts';
import type { Position } from './position.ts';

/** A place in a binlog needs to be told whose binlog the channel reads. */
type Channel = Pick<ChannelStatus, 'filters'> &
  Partial<Pick<ChannelStatus, 'sourceHost' | 'sourcePort' | 'sourceIdentity'>>;

/**
 * The part of a source's position that a channel replicates at all: MariaDB can leave out whole domains, which the
 * target then never knows of and must not be waited for. (Other filters leave GTIDs as they are.) Nor does it get from
 * the source itself (`direct`) what the source knows of but has not in its own binlog, e.g. of its past as a replica;
 * nor from another node of the source's cluster what the source wrote for itself, in the domain `alone`.
 */
export function replicatedPart(
  position: Position,
  channel: Channel,
  direct = false,
  alone: string | null = null,
): Position {
  if (position.kind === 'file') {
    const { sourceHost: host, sourcePort: port, sourceIdentity: identity = null } = channel;
    return host === undefined || port === undefined
      ? position
      : { ...position, of: { host, port, identity } };
  }
  if (position.kind !== 'mariadb-gtid') return position;
  const text = direct ? (position.written ?? position.text) : position.text;
  const only = domains(channel, 'Replicate_Do_Domain_Ids');
  const without = domains(channel, 'Replicate_Ignore_Domain_Ids');
  if (!only && !without && alone === null) return text === position.text ? position : { ...position, text };
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
  };
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

const domainFilters = new Set(['Replicate_Do_Domain_Ids', 'Replicate_Ignore_Domain_Ids']);

function domains({ filters }: Pick<ChannelStatus, 'filters'>, name: string): Set<string> | null {
  const filter = filters.find((filter) => filter.name === name);
  return filter ? new Set(filter.value.match(/\d+/g)) : null;
}
