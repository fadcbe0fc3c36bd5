/** MySQL, or MariaDB; the same words as the engine's. */
export type Flavour = 'mysql' | 'mariadb';

/** MariaDB's that many still run or run already; Debian has each in one of its releases. */
export const otherReleases = ['10.5', '11.8'] as const;
export type OtherRelease = (typeof otherReleases)[number];

/** `stable` is what most people run today; `newest` is the newest that Debian has. Others are MariaDB's only. */
export type Release = 'stable' | 'newest' | OtherRelease;

/** What `stable` is in this run: `LOCKSTEP_TEST_MARIADB` has the tests of MariaDB run on another release of it. */
export function stableRelease(flavour: Flavour): Release {
  const asked = process.env['LOCKSTEP_TEST_MARIADB'];
  if (flavour !== 'mariadb' || !asked) return 'stable';
  const release = otherReleases.find((name) => name === asked);
  if (!release) throw new Error(`LOCKSTEP_TEST_MARIADB is ${asked}, not one of ${otherReleases.join(', ')}`);
  return release;
}

export function isOther(release: Release): release is OtherRelease {
  return otherReleases.some((name) => name === release);
}

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
