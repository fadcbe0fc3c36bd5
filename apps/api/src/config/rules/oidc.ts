import { resolve } from 'node:path';
import type { Finding } from '../explain.ts';
import { getIn, isMap, type Path } from '../path.ts';
import { readSecretFileNow } from '../secret-file.ts';
import { readable } from './readable.ts';

const path: Path = ['http', 'auth', 'oidc'];

/** A provider sends people back to an address that is known, and a client has one secret, or none. */
export function oidc(raw: unknown, folder: string): Finding[] {
  const given = getIn(raw, path);
  if (!isMap(given)) return [];
  const found: Finding[] = [];
  if (getIn(raw, ['http', 'publicUrl']) === undefined) {
    found.push({
      path: ['http', 'publicUrl'],
      message:
        'missing; expected where people reach the page, for the provider of http.auth.oidc sends them back there',
    });
  }
  const { clientSecret, clientSecretFile: file } = given;
  if (clientSecret !== undefined && file !== undefined) {
    found.push({
      path: [...path, 'clientSecretFile'],
      message: 'expected one of clientSecret and clientSecretFile, found both',
    });
  }
  if (typeof file !== 'string' || file === '') return found;
  const unreadable = readable([...path, 'clientSecretFile'], file, () => {
    if (readSecretFileNow(resolve(folder, file)) === '') throw new Error('it is empty');
  });
  return [...found, ...unreadable];
}
