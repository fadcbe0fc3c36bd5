import { resolve } from 'node:path';
import { type Finding, show } from '../explain.ts';
import { destinationTypes, isHttpUrl, isSmtpUrl } from '../notifications.ts';
import { isMap, type Path, type RawMap } from '../path.ts';
import { readSecretFileNow } from '../secret-file.ts';
import { listAt } from './lookup.ts';
import { readable } from './readable.ts';

/**
 * Every destination of notifications has a name of its own, by which messages are remembered, and one address; and
 * what its kind needs, and nothing that only another kind knows.
 */
export function destinations(raw: unknown, folder: string): Finding[] {
  const list = listAt(raw, ['notifications']);
  return list.flatMap((destination, index): Finding[] => {
    if (!isMap(destination)) return [];
    const { name } = destination;
    const path = ['notifications', index];
    const found: Finding[] = [];
    const first = list.findIndex((other) => isMap(other) && other['name'] === name);
    if (typeof name === 'string' && first < index) {
      found.push({
        path: [...path, 'name'],
        message: `expected a name of its own, found ${show(name)}, which notifications[${first}] has as well`,
      });
    }
    return [...found, ...address(destination, path, folder), ...ofKind(destination, path, folder)];
  });
}

function address(destination: RawMap, path: Path, folder: string): Finding[] {
  const { type, url } = destination;
  const isMail = type === 'email';
  const [fits, schemes] = isMail ? [isSmtpUrl, 'smtps:// or smtp://'] : [isHttpUrl, 'https:// or http://'];
  const found = oneOf(destination, 'url', 'urlFile', path, type !== 'pagerduty');
  // What is no address at all is the schema's to say.
  if (typeof url === 'string' && (isHttpUrl(url) || isSmtpUrl(url)) && !fits(url)) {
    found.push({ path: [...path, 'url'], message: `expected an address that starts with ${schemes}` });
  }
  return [
    ...found,
    ...fileOf(destination, 'urlFile', path, folder, (content) => {
      if (!fits(content)) throw new Error(`it does not hold an address that starts with ${schemes}`);
    }),
  ];
}

function ofKind(destination: RawMap, path: Path, folder: string): Finding[] {
  const { type } = destination;
  const found: Finding[] = [];
  if (!destinationTypes.some((known) => known === type)) return found;
  for (const [key, kind] of [
    ['from', 'email'],
    ['to', 'email'],
    ['routingKey', 'pagerduty'],
    ['routingKeyFile', 'pagerduty'],
  ] as const) {
    if (destination[key] !== undefined && type !== kind) {
      found.push({ path: [...path, key], message: `is for ${kind} only, not for ${String(type)}` });
    }
  }
  if (type === 'email') {
    for (const key of ['from', 'to']) {
      if (destination[key] === undefined) {
        found.push({ path: [...path, key], message: 'missing; expected whom the mail is from, and to' });
      }
    }
  }
  if (type !== 'pagerduty') return found;
  return [
    ...found,
    ...oneOf(destination, 'routingKey', 'routingKeyFile', path, true),
    ...fileOf(destination, 'routingKeyFile', path, folder, () => undefined),
  ];
}

function oneOf(destination: RawMap, key: string, fileKey: string, path: Path, needed: boolean): Finding[] {
  const [given, file] = [destination[key] !== undefined, destination[fileKey] !== undefined];
  const expected = `expected one of ${key} and ${fileKey}`;
  if (given && file) return [{ path: [...path, fileKey], message: `${expected}, found both` }];
  if (needed && !given && !file) return [{ path: [...path, key], message: `missing; ${expected}` }];
  return [];
}

function fileOf(
  destination: RawMap,
  key: string,
  path: Path,
  folder: string,
  judge: (content: string) => void,
): Finding[] {
  const file = destination[key];
  if (typeof file !== 'string' || file === '') return [];
  return readable([...path, key], file, () => judge(readSecretFileNow(resolve(folder, file))));
}
