import type { Finding } from '../explain.ts';
import { isMap, type Path } from '../path.ts';
import { isOthersKey, isPem, isWholePem, readPem } from '../pem.ts';
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
    if (isText(cert) && isText(key) && found.length === 0) {
      found.push(...oneKey([...path, 'tls', 'key'], cert, key, folder));
    }
    return found;
  });
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** Of a certificate that is renewed one file is there before the other. */
function oneKey(path: Path, cert: string, key: string, folder: string): Finding[] {
  try {
    if (!isOthersKey(readPem(folder, cert), readPem(folder, key))) return [];
  } catch {
    // Not read yet: it is asked again.
    return [];
  }
  return [{ path, message: "expected the key of tls.cert, found another's: was one of both renewed?" }];
}

function pem(path: Path, value: unknown, folder: string): Finding[] {
  if (typeof value !== 'string' || value === '' || isPem(value)) return [];
  return readable(path, value, () => {
    const text = readPem(folder, value);
    if (!isPem(text)) throw new Error('it holds no PEM text (-----BEGIN …)');
    if (!isWholePem(text)) throw new Error('its PEM text has no end (-----END …): is it being written?');
  });
}
