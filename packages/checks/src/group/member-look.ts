import type { Membership, View } from '../position/membership.ts';

/** What was seen of one member at the last look at it, on Lockstep's monotonic clock in ms. */
export interface MemberLook {
  server: string;
  /** As configured: `wsrep_cluster_name`, or the group's name. */
  cluster: string;
  /** `host:port`, as views name it by its own word; else as Lockstep reaches it; '' where that leads to several. */
  address: string;
  /** The last that it said; null for one that never said anything. */
  membership: Membership | null;
  /** When that was asked, and when the answer was there. */
  sentAt: number;
  receivedAt: number;
  /** When the answer that showed its present view first was there, with the members that it lists. */
  viewSince: number;
  /**
   * When its views were seen to have lower numbers than before: its cluster was begun anew meanwhile, and what was seen
   * before is of the one that ended. Absent: never.
   */
  anewSince?: number;
  /**
   * When it answered again that was silent for long, and has the view of before still: if it was frozen, it does not
   * know yet that its group went on without it. Absent: it was not, or has another view since.
   */
  backAt?: number;
  /** Why it did not answer since; null when it did. */
  silent: string | null;
  /** Its address was in some member's view, so that another view that lacks it says that it is not in it. */
  listed: boolean;
}

/** Whether it says that it takes part, and said it just now. */
export function claimsPart({ membership, silent }: MemberLook): boolean {
  return silent === null && (membership?.standing === 'in' || membership?.standing === 'donor');
}

export function viewText({ lineage, number, size }: View): string {
  const id = lineage === '' ? String(number) : `${lineage}:${number}`;
  return `${id} (${size} ${size === 1 ? 'member' : 'members'})`;
}
