import type { Finding } from '../explain.ts';
import { isMap, type Path } from '../path.ts';
import { isPem, readPem } from '../pem.ts';
import { allServers } from './lookup.ts';
import { readable } from './readable.ts';

/** Certificates and keys can be read, and a client's certificate comes with its key. */
export function tls(raw: unknown, folder: string): Finding[] {
  return [...allServers(raw)].flatMap(([path, server]): Finding[] => {
    const settings = isMap(server['tls']) ? server['tls'] : {};
    const found = [
      ...pem([...path, 'serverPublicKey'], server['serverPublicKey'], folder),
      ...['ca', 'cert', 'key'].flatMap((part) => pem([...path, 'tls', part], settings[part], folder)),
    ];
    const { cert, key } = settings;
    if ((cert === undefined) !== (key === undefined)) {
      const missing = cert === undefined ? 'cert' : 'key';
      found.push({
        path: [...path, 'tls', missing],
        message: 'missing; expected cert and key together, or neither',
      });
    }
    return found;
  });
}

function pem(path: Path, value: unknown, folder: string): Finding[] {
  if (typeof value !== 'string' || value === '' || isPem(value)) return [];
  return readable(path, value, () => {
    if (!isPem(readPem(folder, value))) throw new Error('it holds no PEM text (-----BEGIN …)');
  });
}
