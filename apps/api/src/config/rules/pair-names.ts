import { type Finding, show } from '../explain.ts';
import { nameOf } from '../names.ts';
import { isMap } from '../path.ts';
import { listAt } from './lookup.ts';

export function distinctPairs(raw: unknown): Finding[] {
  const seen = new Map<string, number>();
  return listAt(raw, ['pairs']).flatMap((pair, index) => {
    const name = nameOf(pair);
    if (name === undefined) return [];
    const first = seen.get(name);
    if (first === undefined) {
      seen.set(name, index);
      return [];
    }
    const given = isMap(pair) && 'name' in pair;
    return {
      path: given ? ['pairs', index, 'name'] : ['pairs', index],
      message: `expected a name of its own, found ${show(name)}, which pairs[${first}] has as well`,
    };
  });
}
