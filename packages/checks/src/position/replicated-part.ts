import type { ChannelStatus } from '../model/replication.ts';
import { formatMariadbGtidList, parseMariadbGtidList } from './mariadb-gtid-list.ts';
import type { Position } from './position.ts';

/**
 * The part of a source's position that a channel replicates at all: MariaDB can leave out whole domains, which the
 * target then never knows of and must not be waited for. (Other filters leave GTIDs as they are.)
 */
export function replicatedPart(position: Position, channel: Pick<ChannelStatus, 'filters'>): Position {
  if (position.kind !== 'mariadb-gtid') return position;
  const only = domains(channel, 'Replicate_Do_Domain_Ids');
  const without = domains(channel, 'Replicate_Ignore_Domain_Ids');
  if (!only && !without) return position;
  const list = parseMariadbGtidList(position.text);
  for (const domain of list.keys()) {
    if ((only && !only.has(domain)) || without?.has(domain)) list.delete(domain);
  }
  return { ...position, text: formatMariadbGtidList(list) };
}

function domains({ filters }: Pick<ChannelStatus, 'filters'>, name: string): Set<string> | null {
  const filter = filters.find((filter) => filter.name === name);
  return filter ? new Set(filter.value.match(/\d+/g)) : null;
}
