import type { Group, GroupMember } from '#lib/api/documents/group.ts';
import { byText } from '#lib/format/order.ts';
import type { StateWord } from './tone.ts';

const groupWords: Record<Group['state'], StateWord> = {
  WHOLE: { tone: 'ok', word: 'Whole' },
  DEGRADED: { tone: 'lagging', word: 'Members missing' },
  SPLIT: { tone: 'stopped', word: 'Split' },
  UNKNOWN: { tone: 'unknown', word: 'Unknown' },
};

const memberWords: Record<GroupMember['state'], StateWord> = {
  IN_GROUP: { tone: 'ok', word: 'In the cluster' },
  DONOR: { tone: 'busy', word: 'Donor or desynced' },
  JOINING: { tone: 'busy', word: 'Joining' },
  NO_QUORUM: { tone: 'stopped', word: 'No quorum' },
  NOT_IN_GROUP: { tone: 'stopped', word: 'Not in the cluster' },
  UNKNOWN: { tone: 'unknown', word: 'Unknown' },
};

const kinds: Record<Group['kind'], string> = {
  GALERA: 'Galera cluster',
  GROUP_REPLICATION: 'Group Replication',
};

export const groupWord = ({ state }: Pick<Group, 'state'>): StateWord => groupWords[state];
export const memberWord = ({ state }: Pick<GroupMember, 'state'>): StateWord => memberWords[state];
export const groupKind = ({ kind }: Pick<Group, 'kind'>): string => kinds[kind];

/** Those that ask for somebody first, then by name. */
export function byNeed(a: Group, b: Group): number {
  const order: Group['state'][] = ['SPLIT', 'DEGRADED', 'UNKNOWN', 'WHOLE'];
  return order.indexOf(a.state) - order.indexOf(b.state) || byText(a.name, b.name);
}
