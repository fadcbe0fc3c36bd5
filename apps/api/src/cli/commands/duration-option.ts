import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../../config/duration.ts';

/** A timer of more would fire at once. */
const longest = '23d';

/** In ms. */
export function durationOption(text: string): number {
  const ms = parseDuration(text);
  if (ms === null || ms > (parseDuration(longest) ?? 0)) {
    throw new InvalidArgumentError('Expected a duration such as 500ms, 10s or 5m, of 23d at most.');
  }
  return ms;
}
