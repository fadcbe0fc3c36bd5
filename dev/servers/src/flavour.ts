/** MySQL, or MariaDB; the same words as the engine's. */
export type Flavour = 'mysql' | 'mariadb';

/** `stable` is what most people run today; `newest` is the newest that Debian has (another one for MariaDB only). */
export type Release = 'stable' | 'newest';

export const flavourName: Record<Flavour, string> = { mysql: 'MySQL', mariadb: 'MariaDB' };

/** `10.11.18-MariaDB` → [10, 11, 18]. Throws on text without a version. */
export function parseVersion(text: string): [number, number, number] {
  const match = /(\d+)\.(\d+)\.(\d+)/.exec(text);
  if (!match) throw new Error(`no version in "${text}"`);
  return [Number(match[1]), Number(match[2]), Number(match[3])];
}

export function atLeast(version: readonly number[], ...wanted: number[]): boolean {
  for (const [i, want] of wanted.entries()) {
    const have = version[i] ?? 0;
    if (have !== want) return have > want;
  }
  return true;
}
