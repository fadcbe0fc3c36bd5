/** What a run or a result holds for: where any of it is another now, it is one of another time. */
export interface Basis {
  /** Identities of the two servers that were compared. */
  source: string;
  target: string;
  /** Digest of the settings that decide what is compared, and how. */
  settings: string;
}
