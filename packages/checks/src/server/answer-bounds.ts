/** What an answer may come to. A server that sends more is not listened to any longer. */
export interface AnswerBounds {
  /** As sent, names of columns and all. */
  bytes: number;
  rows: number;
}

const mebibyte = 1024 * 1024;

/** A greeting, and what a server asks of a login; and whatever comes unasked. */
export const unaskedBytes = 64 * 1024;

/** A row of a key and a hash, with room to spare. */
const bytesOfRow = 256;

/**
 * A few of the longest answers at once are to fit into a process of 256 MB, where a short row takes ten times what it
 * took on the wire: hence the bound on rows.
 */
export const answerBounds = {
  /** A position: a GTID set can be long, but is one row. */
  sampler: { bytes: 4 * mebibyte, rows: 1_000 },
  /** A row a channel, with two GTID sets in each. */
  status: { bytes: 16 * mebibyte, rows: 2_000 },
  /** The columns of a table; some rows, whole; whatever lists more asks for more. */
  checks: { bytes: 64 * mebibyte, rows: 10_000 },
} satisfies Record<string, AnswerBounds>;

/** Schemas of a server, or tables of a schema. */
export const maxNames = 200_000;

/** Where a statement asks for so many rows, it may have them. */
export function widened(bounds: AnswerBounds, rows = 0): AnswerBounds {
  if (rows <= bounds.rows) return bounds;
  return { rows, bytes: Math.max(bounds.bytes, rows * bytesOfRow) };
}
