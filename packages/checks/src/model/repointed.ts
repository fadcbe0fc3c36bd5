/** A pair whose target read from its source, and was pointed to another server: what differs since may come yet. */
export interface RepointedPair {
  pair: string;
  /** Who the source was, by its identity. */
  source: string;
  /** When it was first seen. */
  at: Date;
}
