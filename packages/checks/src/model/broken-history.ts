/**
 * Why positions do not tell whether a pair's target holds what its source wrote: the same numbers may mean other
 * changes. It is over when one of the two is another server, when the target does not have any more what it had, or
 * when all its tables were compared, from a moment on at which new numbers mean the same on both sides.
 * It is about the two servers, of which another pair may look at other tables.
 */
export interface BrokenHistory {
  pair: string;
  /** In one sentence. */
  why: string;
  /** What the target had of what the source lost, as it prints it; null where that tells nothing. */
  had: { kind: 'mysql-gtid' | 'mariadb-gtid'; text: string } | null;
  /** For the pair alone: all its tables match. Kept while that is open for another pair of the two. */
  over?: true;
  /** Who the two were, by their identities. */
  source: string;
  target: string;
}
