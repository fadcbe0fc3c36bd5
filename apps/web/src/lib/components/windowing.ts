export interface Window {
  /** Of the items to draw; `end` is exclusive. */
  start: number;
  end: number;
  /** Pixels to leave empty before and after them. */
  before: number;
  after: number;
}

const OVERSCAN = 10;

/**
 * Which of many rows of one height are near the part of the list that can be seen. `top`: its upper edge, from the
 * list's own.
 */
export function windowOf(rows: number, rowHeight: number, top: number, height: number): Window {
  const start = Math.max(0, Math.min(rows, Math.floor(top / rowHeight) - OVERSCAN));
  const end = Math.max(start, Math.min(rows, Math.ceil((top + height) / rowHeight) + OVERSCAN));
  return { start, end, before: start * rowHeight, after: (rows - end) * rowHeight };
}
