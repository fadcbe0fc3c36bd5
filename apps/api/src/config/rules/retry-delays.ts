import { type Finding, show } from '../explain.ts';
import { getIn } from '../path.ts';
import { defaultAt, durationOf } from './lookup.ts';

/** The delay between attempts grows, so the last is no shorter than the first. */
export function retryDelays(raw: unknown): Finding[] {
  const setting = (key: string) => getIn(raw, ['connection', key]) ?? defaultAt(['connection', key]);
  const [first, max] = [setting('firstDelay'), setting('maxDelay')];
  const [low, high] = [durationOf(first), durationOf(max)];
  if (low === null || high === null || low <= high) return [];
  const key = getIn(raw, ['connection', 'maxDelay']) === undefined ? 'firstDelay' : 'maxDelay';
  return [
    {
      path: ['connection', key],
      message: `expected maxDelay (${show(max)}) to be at least firstDelay (${show(first)}), found that it is not`,
    },
  ];
}
