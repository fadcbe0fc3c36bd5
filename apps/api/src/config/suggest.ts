import { closest, distance } from 'fastest-levenshtein';

/** The candidate that was most likely meant; undefined when none is near enough. */
export function nearest(found: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const best = closest(found, candidates);
  const allowed = Math.max(2, Math.floor(best.length / 4));
  return distance(found.toLowerCase(), best.toLowerCase()) <= allowed ? best : undefined;
}

/** `; did you mean "port"?`, or what there is to choose from. */
export function suggestion(found: string, candidates: readonly string[]): string {
  const best = nearest(found, candidates);
  if (best !== undefined) return `; did you mean "${best}"?`;
  return candidates.length === 0 ? '' : `; known here: ${candidates.join(', ')}`;
}
