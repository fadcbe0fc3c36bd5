import { resolve } from 'node:path';
import { type Finding, show } from '../explain.ts';
import { isHttpUrl } from '../notifications.ts';
import { isMap } from '../path.ts';
import { readSecretFileNow } from '../secret-file.ts';
import { listAt } from './lookup.ts';
import { readable } from './readable.ts';

/** Every destination of notifications has a name of its own, by which messages are remembered, and one address. */
export function destinations(raw: unknown, folder: string): Finding[] {
  const list = listAt(raw, ['notifications']);
  return list.flatMap((destination, index): Finding[] => {
    if (!isMap(destination)) return [];
    const { name, url, urlFile } = destination;
    const path = ['notifications', index];
    const found: Finding[] = [];
    const first = list.findIndex((other) => isMap(other) && other['name'] === name);
    if (typeof name === 'string' && first < index) {
      found.push({
        path: [...path, 'name'],
        message: `expected a name of its own, found ${show(name)}, which notifications[${first}] has as well`,
      });
    }
    const expected = 'expected one of url and urlFile';
    if (url === undefined && urlFile === undefined) {
      found.push({ path: [...path, 'url'], message: `missing; ${expected}` });
    }
    if (url !== undefined && urlFile !== undefined) {
      found.push({ path: [...path, 'urlFile'], message: `${expected}, found both` });
    }
    if (typeof urlFile === 'string' && urlFile !== '') {
      const unreadable = readable([...path, 'urlFile'], urlFile, () => {
        if (!isHttpUrl(readSecretFileNow(resolve(folder, urlFile)))) {
          throw new Error('it does not hold an address that starts with https:// or http://');
        }
      });
      found.push(...unreadable);
    }
    return found;
  });
}
