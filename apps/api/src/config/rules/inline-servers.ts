import { isDeepStrictEqual } from 'node:util';
import { type Finding, show } from '../explain.ts';
import { serverName } from '../names.ts';
import { getIn, isMap, type RawMap } from '../path.ts';
import { inlineServers } from './lookup.ts';

/** An inline server may be repeated word for word; another one of the same name would be a riddle. */
export function distinctInlineServers(raw: unknown): Finding[] {
  const declared = getIn(raw, ['servers']);
  const seen = new Map<string, RawMap>();
  return [...inlineServers(raw)].flatMap(([path, { name: _, ...server }]) => {
    const name = serverName(getIn(raw, path));
    if (name === undefined) return [];
    const message = `expected a server name of its own, found ${show(name)}, which`;
    if (isMap(declared) && Object.hasOwn(declared, name)) {
      return { path, message: `${message} stands under servers: refer to it by its name` };
    }
    const first = seen.get(name);
    if (first === undefined) seen.set(name, server);
    return first === undefined || isDeepStrictEqual(first, server)
      ? []
      : { path, message: `${message} another pair gives with other settings: declare it once under servers` };
  });
}
