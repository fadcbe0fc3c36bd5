/** Short, with one unit below a minute and two above: "0.3 s", "12 s", "2 m 05 s", "3 h 10 m", "2 d 4 h". */
export function duration(ms: number): string {
  if (ms <= 0) return '0 s';
  if (ms < 50) return '< 0.1 s';
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} m`;
  const hours = Math.round(ms / 3_600_000);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** "0 – 1.1 s", "12 – 13 s": somewhere between; one value where both ends look the same. */
export function durationRange(ms: number, moreMs: number): string {
  const [least, most] = [duration(ms), duration(ms + moreMs)];
  if (least === most) return least;
  const bound = most.replace('< ', '');
  // The unit is said once where both have the same and no other.
  const same = /^\S+ (\w)$/.exec(least)?.[1] === (/^\S+ (\w)$/.exec(bound)?.[1] ?? '');
  return `${same ? least.slice(0, -2) : least} – ${bound}`;
}

/** For what was chosen round: "10 s", "1 m", "1 h" instead of "10.0 s", "1 m 00 s". */
export function roundDuration(ms: number): string {
  return duration(ms)
    .replace(/\.0(?= s)/, '')
    .replace(/ 00 [sm]$/, '')
    .replace(/(?<=d) 0 h$/, '');
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
