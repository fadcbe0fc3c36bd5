import { basename } from 'node:path';
import { isMap } from './path.ts';

/** The name that a list item goes by; that of a pair may be left out in the file. */
export function nameOf(item: unknown): string | undefined {
  if (!isMap(item)) return undefined;
  if (typeof item['name'] === 'string') return item['name'];
  const { source, target } = item;
  const [from, to] = [serverName(source), serverName(target)];
  return from !== undefined && to !== undefined ? `${from}-${to}` : undefined;
}

/** The name of a pair's side: a reference, or an inline server's own or made name. */
export function serverName(side: unknown): string | undefined {
  if (typeof side === 'string') return side;
  if (!isMap(side)) return undefined;
  if (typeof side['name'] === 'string') return side['name'];
  if (typeof side['host'] !== 'string') {
    return typeof side['socket'] === 'string' ? basename(side['socket']) : undefined;
  }
  return `${side['host']}:${typeof side['port'] === 'number' ? side['port'] : 3306}`;
}
