const form = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?$/;

/**
 * Milliseconds of a time of day as pt-heartbeat and servers write it, `2026-11-23T21:00:00.000500`, read as if it were
 * UTC: such times can be subtracted from each other when the same clock wrote them. Null for any other text.
 */
export function beatTime(text: string): number | null {
  const match = form.exec(text);
  if (!match) return null;
  const [year, month, day, hours, minutes, seconds] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const fraction = Number((match[7] ?? '').padEnd(6, '0')) / 1000;
  return Date.UTC(year, month - 1, day, hours, minutes, seconds) + fraction;
}
