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
  const fetched = await Promise.allSettled(screens.map((screen) => preloadCode(screen)));
  return fetched.every(({ status }) => status === 'fulfilled');
}
