import { later } from '#lib/screens/later.ts';

import { preloadCode } from '$app/navigation';

const screens = [
  '/',
  '/topology',
  '/alerts',
  '/settings',
  '/audit',
  '/pairs/[pair]',
  '/pairs/[pair]/tables/[schema]/[table]',
] as const;

/**
 * Fetches the code of every screen, so that one that is first opened while the service is away is there. Resolves to
 * whether all of it came; what did not is asked for again where it is needed.
 */
export async function fetchRestOfCode(): Promise<boolean> {
  const fetched = await Promise.allSettled<unknown>([
    ...screens.map((screen) => preloadCode(screen)),
    ...Object.values(later).map((part) => part()),
  ]);
  return fetched.every(({ status }) => status === 'fulfilled');
}
