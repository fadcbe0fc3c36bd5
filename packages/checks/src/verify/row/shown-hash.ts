import { createHmac, randomBytes } from 'node:crypto';

const key = randomBytes(32);

/**
 * A row's hash as evidence shows it: equal for equal rows for as long as this process lives, and of no use to whoever
 * would find out by trying what a masked column holds.
 */
export function shownHash(hash: string): string {
  return createHmac('sha256', key).update(hash).digest('hex').slice(0, 32);
}
