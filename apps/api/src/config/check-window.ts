import { z } from 'zod';
import { text } from './leaves.ts';

const expected = 'two times of the day, such as "02:00–05:00", or off';
const form = /^([01]\d|2[0-3]):([0-5]\d)\s*[-–—]\s*(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/;

/** In minutes since midnight; over midnight where `to` is not the later one. */
export const checkWindow = text(expected).transform((value, context) => {
  const [, ...parts] = form.exec(value.trim()) ?? [];
  const [hour, minute, toHour = 0, toMinute = 0] = parts.map(Number).map((part) => part || 0);
  if (hour !== undefined && minute !== undefined) {
    const [from, to] = [hour * 60 + minute, toHour * 60 + toMinute];
    if (from !== to) return { from, to };
  }
  context.addIssue({ code: 'custom', message: expected });
  return z.NEVER;
});

const zone = 'a time zone, such as Europe/Berlin or UTC';

/** As the operating system and browsers name them. */
export const timeZone = text(zone).refine((name) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}, zone);
