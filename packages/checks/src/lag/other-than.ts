/** What of a text is other than in the first: how much begins alike, how much ends alike, and what is between. */
export function otherThan(first: string, text: string): string {
  const shortest = Math.min(first.length, text.length);
  const begin = most(shortest, (n) => first.slice(0, n) === text.slice(0, n));
  const end = most(shortest - begin, (n) => first.slice(first.length - n) === text.slice(text.length - n));
  return `${begin} ${end} ${text.slice(begin, text.length - end)}`;
}

/** The greatest number up to `max` of which it is true, as it is of all smaller ones: texts may be long. */
function most(max: number, is: (n: number) => boolean): number {
  let low = 0;
  let high = max;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (is(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The text again, of the same first. */
export function madeOf(first: string, other: string): string {
  const beginEnds = other.indexOf(' ');
  const endEnds = other.indexOf(' ', beginEnds + 1);
  const begin = Number(other.slice(0, beginEnds));
  const end = Number(other.slice(beginEnds + 1, endEnds));
  return first.slice(0, begin) + other.slice(endEnds + 1) + first.slice(first.length - end);
}
