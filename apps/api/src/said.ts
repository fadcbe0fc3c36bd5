import { unescape as decoded } from 'node:querystring';
import { beginOf } from '@lockstep/checks';
import { printable } from './printable.ts';

/** Of what the other side says of its answer, in characters. */
const longest = 250;
/** What is shorter keeps nobody out, and taken out of a sentence leaves none; … */
const shortest = 4;
/** … nor is it a key, as a part of an address. */
const shortestKey = 8;

/**
 * What somebody said of what they were sent, for a sentence; without what is secret of that, in whichever way it is
 * written: some name the address that they were asked by, or the line that they did not take.
 */
export function said(text: string, secrets: readonly string[]): string {
  const written = secrets
    .filter(({ length }) => length >= shortest)
    .flatMap((secret) => [
      secret,
      ...(['base64', 'base64url'] as const).map((as) => Buffer.from(secret).toString(as)),
    ])
    .sort((a, b) => b.length - a.length);
  const told = written.reduce((rest, secret) => rest.replaceAll(secret, '••••'), text);
  return beginOf(printable(told), longest);
}

/** What is secret of what is sent with these to this address: whoever knows it may send the same. */
export function secretsOf(url: string, headers: Readonly<Record<string, string>>): string[] {
  const { username, password, pathname, search } = new URL(url);
  const parts = [...pathname.split('/'), ...search.slice(1).split(/[=&]/), username, password];
  const ofAddress = [pathname + search, pathname, ...parts.flatMap((part) => [part, decoded(part)])];
  const ofHeaders = Object.values(headers).flatMap((value) => [value, ...value.split(' ')]);
  return [...ofAddress, ...ofHeaders].filter(({ length }) => length >= shortestKey);
}
