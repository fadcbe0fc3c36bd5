type Part = [amount: string, unit: string];

/** One part below a minute, two above. */
function partsOf(ms: number): [Part, ...Part[]] {
  if (ms <= 0) return [['0', 's']];
  if (ms < 50) return [['0.1', 's']];
  if (ms < 9_950) return [[(ms / 1000).toFixed(1), 's']];
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return [[String(seconds), 's']];
  if (seconds < 3600) return withRest(Math.floor(seconds / 60), 'm', two(seconds % 60), 's');
  const minutes = Math.round(ms / 60_000);
  if (minutes < 24 * 60) return withRest(Math.floor(minutes / 60), 'h', two(minutes % 60), 'm');
  const hours = Math.round(ms / 3_600_000);
  return withRest(Math.floor(hours / 24), 'd', String(hours % 24), 'h');
}

function withRest(amount: number, unit: string, rest: string, restUnit: string): [Part, Part] {
  return [
    [String(amount), unit],
    [rest, restUnit],
  ];
}

const textOf = (parts: Part[]): string => parts.map(([amount, unit]) => `${amount} ${unit}`).join(' ');

/** Too short for its figure: "< 0.1 s" and not "0.1 s". */
const lessThan = (ms: number): string => (ms > 0 && ms < 50 ? '< ' : '');

/** Short, with one unit below a minute and two above: "0.3 s", "12 s", "2 m 05 s", "3 h 10 m", "2 d 4 h". */
export function duration(ms: number): string {
  return lessThan(ms) + textOf(partsOf(ms));
}

/** "0 – 1.1 s", "12 – 13 s": somewhere between; one value where both ends look the same. */
export function durationRange(ms: number, moreMs: number): string {
  if (duration(ms) === duration(ms + moreMs)) return duration(ms);
  const [least, most] = [partsOf(ms), partsOf(ms + moreMs)];
  const [[amount, unit]] = least;
  // The unit is said once where both have the same and no other.
  const same = least.length === 1 && most.length === 1 && most[0][1] === unit;
  return `${lessThan(ms)}${same ? amount : textOf(least)} – ${textOf(most)}`;
}

/** For what was chosen round: "10 s", "1 m", "1 h" instead of "10.0 s", "1 m 00 s". */
export function roundDuration(ms: number): string {
  const [[amount, unit], ...rest] = partsOf(ms);
  const whole = Number.isInteger(Number(amount)) ? String(Number(amount)) : amount;
  return lessThan(ms) + textOf([[whole, unit], ...rest.filter(([more]) => Number(more) !== 0)]);
}

/** Coarser, for ages: "now", "14 s", "3 m", "5 h", "2 d". */
export function ageSpan(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  if (seconds < 1) return 'now';
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** "now", "14 s ago". An instant ahead of the clock by a little is now. */
export function ago(ms: number): string {
  const span = ageSpan(ms);
  return span === 'now' ? span : `${span} ago`;
}

/** "in 5 m"; "due" once the moment is past. */
export function until(ms: number): string {
  return ms <= 0 ? 'due' : `in ${ageSpan(Math.max(1000, ms))}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
