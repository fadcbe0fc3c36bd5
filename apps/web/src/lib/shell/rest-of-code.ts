import { preloadCode } from '$app/navigation';

const screens = [
  '/',
  '/alerts',
  '/settings',
  '/pairs/[pair]',
  '/pairs/[pair]/tables/[schema]/[table]',
] as const;

/** Fetches the code of every screen, so that one that is first opened while the service is away is there. */
export async function fetchRestOfCode(): Promise<void> {
  // What could not be had now is asked for again where it is needed.
  await Promise.allSettled(screens.map((screen) => preloadCode(screen)));
}
