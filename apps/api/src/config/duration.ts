const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
type Unit = keyof typeof UNITS;

/** `250ms`, `5s`, `1.5h`, `1h30m`, `7d` in ms; null when it is no duration. A number without a unit is none. */
export function parseDuration(text: string): number | null {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return null;
  let total = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(number) * UNITS[unit as Unit];
  }
  return Math.round(total);
}

/** In the largest unit that keeps it a whole number: 90000 is `90s`, 3600000 is `1h`. */
export function formatDuration(ms: number): string {
  const units = (Object.keys(UNITS) as Unit[]).reverse();
  const unit = units.find((candidate) => ms >= UNITS[candidate] && ms % UNITS[candidate] === 0) ?? 'ms';
  return `${ms / UNITS[unit]}${unit}`;
}
