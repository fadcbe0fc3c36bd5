import type { ServerFacts } from '../server/sql-server.ts';
import type { Membership } from './membership.ts';
import type { PositionMethod } from './position-method.ts';

export interface GroupSide {
  name: string;
  facts: ServerFacts | null;
  /** As it last said; null while it did not. */
  membership: Membership | null;
  /** Why the others do not confirm that it takes part; null when they do, or say nothing of it. */
  doubt?: string | null;
}

/**
 * How positions of two members of a cluster are compared: there is no channel between them, and none is wanted, since
 * each applies what the group committed. Null: the two are no such members, so a channel of the target's tells.
 */
export function groupMethod(
  source: GroupSide,
  target: GroupSide,
  apart: string | null = null,
): PositionMethod | null {
  const cluster = source.facts?.cluster ?? source.membership?.kind;
  if (!cluster || cluster !== (target.facts?.cluster ?? target.membership?.kind)) return null;
  if (apart !== null) return { kind: null, evidence: apart };
  // Who is out comes first: for want of it nobody may confirm the other one.
  for (const { name, membership } of [source, target]) {
    if (membership?.outside) return { kind: null, evidence: `${name}: ${membership.outside}` };
  }
  for (const { name, membership, doubt = null } of [source, target]) {
    if (!membership) {
      return { kind: null, evidence: `whether ${name} is in its cluster is not known yet`, pending: true };
    }
    if (doubt !== null) return { kind: null, evidence: `${name}: ${doubt}` };
  }
  if (source.membership?.group !== target.membership?.group) {
    const groups = [source, target].map(({ name, membership }) => `${name} in ${membership?.group}`);
    return { kind: null, evidence: `they are members of two clusters: ${groups.join(', ')}` };
  }
  return cluster === 'galera'
    ? { kind: 'galera', evidence: 'by the numbers of the changes of the cluster that both are in' }
    : { kind: 'mysql-gtid', evidence: 'by the GTID sets of the group that both are in' };
}
