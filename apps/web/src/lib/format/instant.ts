export type Zone = 'local' | 'utc';

/** "2026-11-23 14:02:11", the same in every browser's language. */
export function dateTime(instant: Date, zone: Zone): string {
  return `${date(instant, zone)} ${time(instant, zone)}`;
}

/** "14:02:11" */
export function time(instant: Date, zone: Zone): string {
  return shifted(instant, zone).slice(11, 19);
}

/** "2026-11-23" */
export function date(instant: Date, zone: Zone): string {
  return shifted(instant, zone).slice(0, 10);
}

/** "UTC", "UTC+2", "UTC−3:30": the offset in force at `instant`. */
export function zoneName(instant: Date, zone: Zone): string {
  const minutes = zone === 'utc' ? 0 : -instant.getTimezoneOffset();
  if (minutes === 0) return 'UTC';
  const hours = Math.floor(Math.abs(minutes) / 60);
  const rest = Math.abs(minutes) % 60;
  return `UTC${minutes < 0 ? '−' : '+'}${hours}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`;
}

/** As an `<input type="datetime-local">` has it, and back; NaN while it is not a whole one. */
export function toInput(instant: Date, zone: Zone): string {
  return dateTime(instant, zone).replace(' ', 'T');
}

export function fromInput(text: string, zone: Zone): number {
  return Date.parse(zone === 'utc' ? `${text}Z` : text);
}

function shifted(instant: Date, zone: Zone): string {
  const minutes = zone === 'utc' ? 0 : instant.getTimezoneOffset();
  return new Date(instant.getTime() - minutes * 60_000).toISOString();
}
