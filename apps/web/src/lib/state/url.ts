import { goto } from '$app/navigation';
import { page } from '$app/state';

/** The current address with some parameters changed; null or '' takes one away. */
export function withParams(changes: Record<string, string | null>): string {
  const params = new URLSearchParams(page.url.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') params.delete(name);
    else params.set(name, value);
  }
  const search = params.toString();
  return page.url.pathname + (search && `?${search}`);
}

/** What a person chose on the page lives in its address, so that a copied link shows a colleague the same. */
export function setParams(changes: Record<string, string | null>): void {
  change(changes, true);
}

/** As `setParams`, where the browser's Back is to undo it. */
export function stepTo(changes: Record<string, string | null>): void {
  change(changes, false);
}

function change(changes: Record<string, string | null>, replace: boolean): void {
  const address = withParams(changes);
  if (address === page.url.pathname + page.url.search) return;
  // eslint-disable-next-line svelte/no-navigation-without-resolve -- the same page with other parameters
  void goto(address, { replace, reset: false });
}

/** A parameter that is one of some words; the first of them when it is absent or anything else. */
export function param<T extends string>(name: string, known: readonly [T, ...T[]]): T {
  const value = page.url.searchParams.get(name);
  return known.find((each) => each === value) ?? known[0];
}
