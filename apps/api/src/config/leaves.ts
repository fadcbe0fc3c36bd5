import { isIP } from 'node:net';
import { z } from 'zod';
import { formatDuration, parseDuration } from './duration.ts';

// Every message here is what is *expected*, as a noun: the report adds where it is and what was found.

/** Schemas whose values are never shown. */
export const secrets = z.registry<{ secret: true }>();

export const MAP = 'a map of settings';
export const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._:@→-]{0,63}$/u;
export const nameExpected =
  'a name of at most 64 letters, digits, spaces and . _ : @ -, starting with a letter or digit';

export const text = (expected = 'text') => z.string(expected).min(1, expected);

export const flag = () => z.boolean('true or false');

/** Said last of a schema: each further rule would make a new one, which nobody called secret. */
export function secret<Schema extends z.ZodType>(schema: Schema): Schema {
  secrets.add(schema, { secret: true });
  return schema;
}

export function integer(min: number, max: number) {
  const expected = `a whole number from ${min} to ${max}`;
  return z.int(expected).min(min, expected).max(max, expected);
}

/** A name of a pair or a server: it appears in addresses, variables and commands. */
export const name = () => text(nameExpected).regex(NAME, nameExpected);

/** In ms. Ranges are written as durations. */
export function duration(min: string, max: string) {
  const [from, to] = [parseDuration(min) ?? 0, parseDuration(max) ?? Infinity];
  const expected = `a duration from ${formatDuration(from)} to ${formatDuration(to)}, such as 250ms, 5s, 24h or 7d`;
  return z.string(expected).transform((value, context) => {
    const ms = parseDuration(value);
    if (ms !== null && ms >= from && ms <= to) return ms;
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });
}

/** A share, 0 … 1. */
export function percentage(min: number, max: number) {
  const expected = `a percentage from ${min}% to ${max}%, such as 5%`;
  return z.string(expected).transform((value, context) => {
    const percent = /^(\d+(?:\.\d+)?) ?%$/.exec(value)?.[1];
    if (percent !== undefined && Number(percent) >= min && Number(percent) <= max) {
      return Number(percent) / 100;
    }
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });
}

export function host() {
  const expected = 'a host name or an IP address, without port or path';
  return text(expected).refine((value) => isIP(value) !== 0 || /^[\w.-]+$/.test(value), expected);
}

/** `off` (or false) is null: the thing is not wanted. */
export const orOff = <Schema extends z.ZodType>(schema: Schema, expected: string) =>
  z.union([z.literal(['off', false]).transform(() => null), schema], `${expected}, or off`);
