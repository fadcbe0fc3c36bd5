import { resolve } from 'node:path';
import type { Finding } from '../explain.ts';
import { readSecretFileNow } from '../secret-file.ts';
import { allServers } from './lookup.ts';
import { readable } from './readable.ts';

/** One password for every server, and one that can be had. */
export function serverSecrets(raw: unknown, folder: string): Finding[] {
  return [...allServers(raw)].flatMap(([path, { password, passwordFile }]): Finding[] => {
    const found: Finding[] = [];
    if (password === undefined && passwordFile === undefined) {
      found.push({
        path: [...path, 'password'],
        message: 'missing; expected password or passwordFile (password: "" for an account without one)',
      });
    } else if (password !== undefined && passwordFile !== undefined) {
      found.push({
        path: [...path, 'passwordFile'],
        message: 'expected password or passwordFile, found both',
      });
    }
    if (typeof passwordFile === 'string' && passwordFile !== '') {
      const place = [...path, 'passwordFile'];
      found.push(...readable(place, passwordFile, () => readSecretFileNow(resolve(folder, passwordFile))));
    }
    return found;
  });
}
