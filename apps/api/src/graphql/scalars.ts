import { GraphQLError } from 'graphql';
import { builder } from './builder.ts';

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

builder.scalarType('DateTime', {
  specifiedByURL: 'https://datatracker.ietf.org/doc/html/rfc3339#section-5.6',
  description:
    'An instant: ISO 8601 with its offset, e.g. `2026-03-01T12:00:00.250Z`. Answers are always in UTC.',
  serialize: (value) => value.toISOString(),
  parseValue: (value) => {
    const date = typeof value === 'string' && instant.test(value) ? new Date(value) : null;
    if (!date || Number.isNaN(date.getTime())) {
      throw new GraphQLError(`Not an instant: ${shown(value)}. Write it like 2026-03-01T12:00:00Z.`);
    }
    return date;
  },
});

builder.scalarType('BigInt', {
  // Its `int64` as JSON.
  specifiedByURL: 'https://protobuf.dev/programming-guides/json/',
  description:
    'A count that may pass 2^53 in other programs: a whole number as a string of decimal digits, e.g. `"1000000"`.',
  serialize: (value) => BigInt(value).toString(),
  parseValue: (value) => {
    const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : NaN;
    if (!Number.isSafeInteger(number)) throw new GraphQLError(`Not a whole number: ${shown(value)}.`);
    return number;
  },
});

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 80);
}
