import { resolve } from 'node:path';
import { type Finding, show } from '../explain.ts';
import { isMap, type RawMap } from '../path.ts';
import { readSecretFileNow } from '../secret-file.ts';
import { listAt } from './lookup.ts';
import { readable } from './readable.ts';

const SHORTEST = 16;

/** Every token has a name of its own, one secret, and one that can be had. */
export function tokens(raw: unknown, folder: string): Finding[] {
  const list = listAt(raw, ['http', 'auth', 'tokens']);
  return list.flatMap((token, index): Finding[] => {
    if (!isMap(token)) return [];
    const path = ['http', 'auth', 'tokens', index];
    const found: Finding[] = oneSecret(token).map(([key, message]) => ({ path: [...path, key], message }));
    const name = token['name'];
    const first = list.findIndex((other) => isMap(other) && other['name'] === name);
    if (typeof name === 'string' && first < index) {
      found.push({
        path: [...path, 'name'],
        message: `expected a name of its own, found ${show(name)}, which http.auth.tokens[${first}] has as well`,
      });
    }
    const file = token['tokenFile'];
    if (typeof file === 'string' && file !== '') {
      const unreadable = readable([...path, 'tokenFile'], file, () => {
        const { length } = readSecretFileNow(resolve(folder, file));
        if (length < SHORTEST) throw new Error(`it holds fewer than ${SHORTEST} characters`);
      });
      found.push(...unreadable);
    }
    return found;
  });
}

function oneSecret(token: RawMap): [key: string, message: string][] {
  const [first, second] = ['tokenHash', 'tokenFile', 'token'].filter((key) => token[key] !== undefined);
  const expected = 'expected one of tokenHash, tokenFile and token';
  if (first === undefined) return [['tokenHash', `missing; ${expected}`]];
  return second === undefined ? [] : [[second, `${expected}, found ${first} and ${second}`]];
}
