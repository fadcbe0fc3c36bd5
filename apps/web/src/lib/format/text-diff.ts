/** What two texts share at their ends, and what lies between on each side. */
export interface TextDiff {
  before: string;
  source: string;
  target: string;
  after: string;
}

export function textDiff(source: string, target: string): TextDiff {
  const a = [...source];
  const b = [...target];
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < shorter - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  return {
    before: a.slice(0, start).join(''),
    source: a.slice(start, a.length - end).join(''),
    target: b.slice(start, b.length - end).join(''),
    after: a.slice(a.length - end).join(''),
  };
}
