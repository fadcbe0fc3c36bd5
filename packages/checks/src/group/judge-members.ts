import type { MemberStateName } from '../model/group.ts';
import type { View } from '../position/membership.ts';
import { claimsPart, type MemberLook, viewText } from './member-look.ts';

export interface Judgement {
  state: MemberStateName;
  evidence: string;
}

/** Members learn of a new view within milliseconds of each other; who has the old one for so long is cut off. */
const lateMs = 1000;

/** One that was frozen finds out in so long, by default, that its group went on without it. */
const findsOutMs = 15_000;

/**
 * How a member takes part, by its own word and that of the others of its group, which `all` holds, too. What was heard
 * `staleMs` before the newest look at any of them is not what they say now.
 */
export function judgeMember(look: MemberLook, all: readonly MemberLook[], staleMs: number): Judgement {
  const { membership, silent } = look;
  const others = all.filter((other) => other !== look && claimsPart(other));
  if (silent !== null || !membership) {
    const without =
      silent !== null &&
      look.listed &&
      others.find((other) => lacks(other.membership?.view ?? null, look.address));
    const why = silent ?? 'it was not asked yet';
    return without
      ? {
          state: 'not-in-group',
          evidence: `it is not in the view of ${without.server}, and does not answer: ${why}`,
        }
      : { state: 'unknown', evidence: why };
  }
  const { standing, outside, busy } = membership;
  if (standing === 'left') return { state: 'not-in-group', evidence: outside ?? 'it has left its group' };
  if (standing === 'no-quorum') return { state: 'no-quorum', evidence: outside ?? 'it is cut off' };
  if (standing === 'joining') return { state: 'joining', evidence: busy ?? 'it is joining' };
  const heardSince = Math.max(...all.map(({ sentAt }) => sentAt)) - staleMs;
  return contradiction(look, others) ?? abandonment(look, others) ?? belief(look, others, heardSince);
}

/** The others of its own view have another one. */
function abandonment(look: MemberLook, others: MemberLook[]): Judgement | null {
  const { view } = look.membership ?? {};
  const gone = elsewhere(look, others, lateMs);
  const theirs = gone[0]?.membership?.view;
  if (!view || !theirs) return null;
  const names = gone.map(({ server }) => server).join(' and ');
  return {
    state: 'no-quorum',
    evidence: `it says that it is well, but has the view ${viewText(view)}, of which ${names} have ${viewText(theirs)} without it: it was frozen or is cut off, and does not know it`,
  };
}

/**
 * Who is in a member's view and has another, without that member; nobody unless these are most of its view, for then it
 * may decide something still. By this a view is old that has the higher number, too: those of a cluster that was begun
 * anew count from 1.
 */
function elsewhere(
  { membership, address, listed, sentAt, viewSince }: MemberLook,
  others: readonly MemberLook[],
  afterMs: number,
): MemberLook[] {
  const view = membership?.view;
  if (!view || !listed) return [];
  const gone = others.filter((other) => {
    const theirs = other.membership?.view ?? null;
    if (!claimsPart(other) || other.membership?.group !== membership.group) return false;
    const without = view.members.includes(other.address) && lacks(theirs, address);
    const since = sentAt > other.viewSince + afterMs && other.sentAt > viewSince + afterMs;
    return without && !sameView(theirs, view) && since;
  });
  return gone.length * 2 > view.size ? gone : [];
}

/** What it has for its group says nothing of the others, who are not there any more. */
export function isAbandoned(look: MemberLook, others: readonly MemberLook[]): boolean {
  return elsewhere(look, others, 0).length > 0;
}

/** Another member has a later view, which this one would have had when it was asked. */
function contradiction(look: MemberLook, others: MemberLook[]): Judgement | null {
  const { membership, sentAt } = look;
  const view = membership?.view;
  if (!view) return null;
  for (const each of others) {
    const { server, membership: other, viewSince } = each;
    if (isOfBefore(each, look, others) || isAbandoned(each, [look, ...others])) continue;
    const later = other?.group === membership.group ? other.view : null;
    if (!later || later.lineage !== view.lineage || later.number <= view.number) continue;
    if (sentAt <= viewSince || excludeEachOther(view, later)) continue;
    const evidence = `it says that it is well, but has the view ${viewText(view)}, while ${server} has ${viewText(later)}`;
    return sentAt > viewSince + lateMs
      ? { state: 'no-quorum', evidence: `${evidence}: it was frozen or is cut off, and does not know it` }
      : { state: 'unknown', evidence };
  }
  return null;
}

/**
 * A member that began anew holds no number of the cluster that ended for a later one, unless most of that say it still:
 * then it has not ended.
 */
function isOfBefore(
  { membership, viewSince }: MemberLook,
  { anewSince = -Infinity }: MemberLook,
  others: MemberLook[],
): boolean {
  const view = membership?.view;
  if (!view || viewSince >= anewSince) return false;
  const still = others.filter((other) => {
    return other.sentAt > anewSince && sameView(other.membership?.view ?? null, view);
  });
  return still.length * 2 <= view.size;
}

function belief(look: MemberLook, others: MemberLook[], heardSince: number): Judgement {
  const { membership, sentAt } = look;
  const view = membership?.view ?? null;
  const donor =
    membership?.standing === 'donor' ? `${membership.busy}: flow control does not wait for it` : null;
  const state = donor ? 'donor' : 'in-group';
  const also = donor ? `${donor}; ` : '';
  if (!view) return { state, evidence: `${also}it says that it is in its group; its view may not be read` };
  // Two that fell silent together had one view then; another was heard since.
  const having = others.filter((other) => {
    const isHeard = Math.max(sentAt, other.sentAt) >= heardSince;
    return isHeard && sameView(other.membership?.view ?? null, view);
  });
  // Beside them somebody has to be there who may have gone on.
  const isAll = having.length + 1 >= view.size;
  const confirming = isAll || !isJustBack(look) ? having : having.filter((other) => !isJustBack(other));
  if (confirming.length > 0) {
    const names = confirming.map(({ server }) => server).join(' and ');
    return { state, evidence: `${also}it has the view ${viewText(view)}, as ${names}` };
  }
  if (having.length > 0) {
    const names = having.map(({ server }) => server).join(' and ');
    const evidence = `it was silent, as ${names}, and has the view of before, ${viewText(view)}, as they have: whether their group went on without them they may not know yet`;
    return { state: 'unknown', evidence };
  }
  const unread = others.find(({ membership: other }) => other?.view === null);
  if (unread) {
    const evidence = `${also}it says that it has the view ${viewText(view)}; that of ${unread.server} may not be read`;
    return { state, evidence };
  }
  if (view.size === 1) return { state, evidence: `${also}it is alone in its view ${viewText(view)}` };
  return {
    state: 'unknown',
    evidence: `it says that it is in its group, with the view ${viewText(view)}, which no other watched member confirms`,
  };
}

function isJustBack({ backAt, sentAt }: MemberLook): boolean {
  return backAt !== undefined && sentAt < backAt + findsOutMs;
}

/** Why two members that both say that they are well are not in one group; null when they are, or nobody knows. */
export function whyApart(a: MemberLook, b: MemberLook): string | null {
  const [one, other] = [a.membership, b.membership];
  if (!claimsPart(a) || !claimsPart(b) || !one || !other) return null;
  if (one.group !== other.group) {
    // Group Replication knows its groups by their names.
    const alike = one.kind === 'galera' && a.cluster === b.cluster ? ' of one name' : '';
    return `${a.server} is in ${one.group}, ${b.server} in ${other.group}: they are two clusters${alike}, each with a history of its own`;
  }
  if (!one.view || !other.view) return null;
  if (one.kind === 'galera' && a.cluster !== b.cluster && disjoint(one.view, other.view)) {
    return `${a.server} is in ${a.cluster}, ${b.server} in ${b.cluster}: they are two clusters, which have one history up to where one was copied from the other`;
  }
  const [views, lineages] = [areOfTwo(a, b), one.view.lineage !== other.view.lineage];
  if (!views && !lineages) return null;
  // Of a view that is changing one of the two may not have been asked since.
  if (a.sentAt <= b.viewSince || b.sentAt <= a.viewSince) return null;
  const how = views ? "neither is in the other's" : 'these are of groups that were begun apart';
  return `${a.server} has the view ${viewText(one.view)}, ${b.server} ${viewText(other.view)}, and ${how}: their cluster is split`;
}

/**
 * The same, where it may be told of their cluster: a view that is read while it goes lists some of its members only,
 * and no second look sees it. Until each has said again what it has, the two are apart, and not compared, and no more
 * is said.
 */
export function whySplit(a: MemberLook, b: MemberLook): string | null {
  const oneGroup = a.membership?.group === b.membership?.group;
  const again = Math.min(a.sentAt, b.sentAt) > Math.max(a.viewSince, b.viewSince);
  return oneGroup && !again ? null : whyApart(a, b);
}

/**
 * Of two members that say that they are well one is of another half of a split: what it commits never comes to the
 * other. No view that is just changing looks so.
 */
export function inOtherHalf(a: MemberLook, b: MemberLook): boolean {
  const [one, other] = [a.membership?.view, b.membership?.view];
  if (!one || !other || !claimsPart(a) || !claimsPart(b)) return false;
  return areOfTwo(a, b) || one.lineage !== other.lineage;
}

/**
 * They are of two views, of which neither has the other. Halves of a split go on counting from the same number, and who
 * is named in none is told apart by their sizes alone.
 */
function areOfTwo(a: MemberLook, b: MemberLook): boolean {
  const [one, other] = [a.membership?.view, b.membership?.view];
  if (!one || !other) return false;
  const alike = one.lineage === other.lineage && one.number === other.number;
  const unnamed = !a.listed || !b.listed;
  return excludeEachOther(one, other) || (unnamed && alike && one.size !== other.size);
}

function sameView(a: View | null, b: View): boolean {
  if (a === null || excludeEachOther(a, b)) return false;
  return a.lineage === b.lineage && a.number === b.number && a.size === b.size;
}

/** Of two members neither is in the other's. Views need not name anybody. */
function excludeEachOther(a: View, b: View): boolean {
  return (a.size === 1 && b.size === 1) || disjoint(a, b);
}

function disjoint(a: View, b: View): boolean {
  const members = new Set(a.members);
  return a.members.length > 0 && b.members.length > 0 && !b.members.some((member) => members.has(member));
}

function lacks(view: View | null, address: string): boolean {
  return view !== null && view.members.length > 0 && !view.members.includes(address);
}
