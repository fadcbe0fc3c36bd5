import type { Role, RolesConfig } from '../../config/loaded.ts';

/** What somebody may do of whom this is said; null for nothing. */
export function roleOf(said: readonly string[], { operator, viewer, otherwise }: RolesConfig): Role | null {
  const isOne = (values: readonly string[]) => values.some((value) => said.includes(value));
  if (isOne(operator)) return 'operator';
  return isOne(viewer) ? 'viewer' : otherwise;
}
