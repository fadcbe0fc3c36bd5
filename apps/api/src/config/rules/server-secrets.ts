import { resolve } from 'node:path';
import type { Finding } from '../explain.ts';
import { readSecretFileNow } from '../secret-file.ts';
import { allServers } from './lookup.ts';
import { readable } from './readable.ts';

/** One password for every server, and one that can be had; a command is not run to find out. */
export function serverSecrets(raw: unknown, folder: string): Finding[] {
  return [...allServers(raw)].flatMap(([path, { password, passwordFile, passwordCommand }]): Finding[] => {
    const found: Finding[] = [];
    const given = Object.entries({ password, passwordFile, passwordCommand }).filter(
      ([, value]) => value !== undefined,
    );
    if (given.length === 0) {
      found.push({
        path: [...path, 'password'],
        message: 'missing; expected password or passwordFile (password: "" for an account without one)',
      });
    } else if (given.length > 1) {
      const names = given.map(([name]) => name);
      found.push({
        path: [...path, names.at(-1) ?? ''],
        message: `expected ${names.join(' or ')}, found ${names.length === 2 ? 'both' : 'all'}`,
      });
    }
    if (typeof passwordFile === 'string' && passwordFile !== '') {
      const place = [...path, 'passwordFile'];
      found.push(...readable(place, passwordFile, () => readSecretFileNow(resolve(folder, passwordFile))));
    }
    return found;
  });
}
