import type { Flavour } from '../model/server.ts';

export type Version = [number, number, number];

/** Flavour is told by the words that the server prints; a number cannot tell it (both have a 10.x and a 11.x ahead). */
export function flavourOf(versionText: string, versionComment: string): Flavour {
  return /mariadb/i.test(versionText) || /mariadb/i.test(versionComment) ? 'mariadb' : 'mysql';
}

/** Numbers of a version such as `8.0.36-28`, `9.7.0` or `10.11.19-MariaDB-log`; what is absent counts as 0. */
export function parseVersion(versionText: string): Version {
  // MariaDB behind some proxies still calls itself 5.5.5-10.x, a courtesy to replicas of MySQL 5.
  const text = versionText.replace(/^5\.5\.5-(?=\d+\.\d+\.\d+-MariaDB)/i, '');
  const [, major = '0', minor = '0', patch = '0'] = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(text) ?? [];
  return [Number(major), Number(minor), Number(patch)];
}

export function atLeast(version: Version, wanted: Version): boolean {
  for (let i = 0; i < 3; i++) {
    const difference = (version[i] as number) - (wanted[i] as number);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
