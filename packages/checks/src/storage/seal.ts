import { crc32 } from 'node:zlib';
import { fromBody, toBody } from './json.ts';

/**
 * A disk that flips a bit tells nobody, and neither does SQLite where it is within a text. So each body carries a
 * checksum of itself as its last member, and one that is not what was written counts as lost: an alert that is half
 * right would be told. Bodies of before have none, and are believed where they can be parsed.
 */
const mark = ',"#":';

/** A noun as it is kept in a `body` column. */
export function toSealed(noun: object): string {
  const body = toBody(noun);
  return `${body.slice(0, -1)}${mark}${crc32(body)}}`;
}

/** Null for one that is damaged: of a damaged page a column may be anything. */
export function fromSealed<Noun>(sealed: unknown): Noun | null {
  const body = typeof sealed === 'string' ? opened(sealed) : null;
  try {
    const noun = body === null ? null : fromBody<unknown>(body);
    return typeof noun === 'object' ? (noun as Noun) : null;
  } catch {
    return null;
  }
}

/** As it was before it was sealed; null where that is something else. */
function opened(sealed: string): string | null {
  const sum = /,"#":(\d+)\}$/.exec(sealed.slice(-20))?.[1];
  if (sum === undefined) return sealed;
  const body = `${sealed.slice(0, -(mark.length + sum.length + 1))}}`;
  return crc32(body) === Number(sum) ? body : null;
}
