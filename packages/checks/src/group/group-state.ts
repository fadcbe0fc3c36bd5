import type { GroupMember, GroupState, GroupStateName } from '../model/group.ts';
import type { Member } from './members.ts';

export interface GroupInput {
  id: string;
  /** In the order of the configuration; at least one. */
  looks: readonly Member[];
  judged: GroupMember[];
  /** Why two of them are not one group; null when they are. */
  apart: string | null;
  /** Who was in another half when it answered last, while no two are known to be apart; null: nobody. */
  unheard: string | null;
  before: GroupState | null;
  now: Date;
}

/** What the members together say of their cluster. */
export function groupStateOf({ id, looks, judged, apart, unheard, before, now }: GroupInput): GroupState {
  const [first] = looks as [Member, ...Member[]];
  const inside = looks.filter((_, i) => judged[i]?.state === 'in-group' || judged[i]?.state === 'donor');
  // Of several views the latest is that of the group.
  const views = inside.flatMap(({ membership }) => membership?.view ?? []);
  const view = views.reduce<(typeof views)[number] | null>(
    (latest, each) => (latest && latest.number >= each.number ? latest : each),
    null,
  );
  const size = view?.size ?? null;
  const largest = Math.max(...looks.map((look) => look.largest ?? 0), size ?? 0) || null;
  const watched = new Set(looks.flatMap(({ address, reachedAt }) => [address, reachedAt]));
  const primaries = judged.filter(({ role, state }) => role === 'primary' && state === 'in-group');
  const { state, evidence } = judgeGroup(
    first.cluster,
    inside.length,
    size,
    largest,
    apart,
    notReached(inside),
  );
  return {
    id,
    kind: first.kind,
    name: first.cluster,
    state,
    evidence:
      unheard === null
        ? evidence
        : `${evidence}; it was split when ${unheard} answered last, and whether it is still is not known`,
    ...(unheard !== null && { perhapsSplit: true }),
    since: before?.state === state ? before.since : now,
    size,
    largest,
    primary: primaries.length === 1 ? (primaries[0]?.server ?? null) : null,
    unwatched: (view?.members ?? []).filter((address) => !watched.has(address)),
    members: judged,
  };
}

function judgeGroup(
  name: string,
  inside: number,
  size: number | null,
  largest: number | null,
  apart: string | null,
  away: { server: string; count: number } | null,
): { state: GroupStateName; evidence: string } {
  if (apart !== null) return { state: 'split', evidence: `cluster ${name}: ${apart}` };
  if (inside === 0) {
    return { state: 'unknown', evidence: `cluster ${name}: no watched member is known to take part in it` };
  }
  if (size === null || largest === null) {
    return { state: 'unknown', evidence: `cluster ${name}: how many members it has may not be read` };
  }
  if (away && size >= largest) {
    const evidence = `cluster ${name} has ${size} members, of which ${away.server} does not reach ${away.count}`;
    return { state: 'degraded', evidence };
  }
  return size < largest
    ? {
        state: 'degraded',
        evidence: `cluster ${name} has ${size} ${size === 1 ? 'member' : 'members'} and had ${largest}`,
      }
    : { state: 'whole', evidence: `cluster ${name} has all its ${size} members` };
}

/** A group may be told to keep those for long who do not answer it. */
function notReached(inside: readonly Member[]): { server: string; count: number } | null {
  const who = inside.find(({ membership }) => (membership?.view?.away ?? 0) > 0);
  return who ? { server: who.server, count: who.membership?.view?.away ?? 0 } : null;
}
