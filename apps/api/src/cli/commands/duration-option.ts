import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../../config/duration.ts';

/** In ms. */
export function durationOption(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new InvalidArgumentError('Expected a duration such as 500ms, 10s or 5m.');
  return ms;
}
