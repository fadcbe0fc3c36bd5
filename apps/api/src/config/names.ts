import { basename } from 'node:path';
import { isMap } from './path.ts';

/** Of what a file or a command line names. Longer ones fit no address, nor a column of a table. */
export const longestName = 64;

/** The name that a list item goes by; that of a pair may be left out in the file. */
export function nameOf(item: unknown): string | undefined {
  if (!isMap(item)) return undefined;
  if (typeof item['name'] === 'string') return item['name'];
  const { source, target } = item;
  const [from, to] = [serverName(source), serverName(target)];
  return from !== undefined && to !== undefined ? madeName(`${from}-${to}`, [from, to]) : undefined;
}

/** The name of a pair's side: a reference, or an inline server's own or made name. */
export function serverName(side: unknown): string | undefined {
  if (typeof side === 'string') return side;
  if (!isMap(side)) return undefined;
  if (typeof side['name'] === 'string') return side['name'];
  if (typeof side['host'] !== 'string') {
    return typeof side['socket'] === 'string' ? fitting(basename(side['socket'])) : undefined;
  }
  const port = `:${typeof side['port'] === 'number' ? side['port'] : 3306}`;
  return `${fitting(side['host'], longestName - port.length)}${port}`;
}

/** Nobody chose it, so nobody is told that it is too long: what tells servers apart mostly stands first. */
function madeName(name: string, [from, to]: [string, string]): string {
  const half = (longestName - 2) / 2;
  return name.length <= longestName ? name : `${fitting(from, half)}-${fitting(to, half)}`;
}

/** As a name may be: an address can begin with a colon, a file with a dot. */
function fitting(text: string, most = longestName): string {
  const allowed = text.replaceAll(/[^\p{L}\p{N} ._:@→-]/gu, '_');
  const begun = /^[\p{L}\p{N}]/u.test(allowed) ? allowed : `at ${allowed}`;
  return Array.from(begun).slice(0, most).join('');
}
