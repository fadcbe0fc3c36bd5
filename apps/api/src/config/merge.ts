import { getIn, isMap, type Path, type RawMap } from './path.ts';

/** The settings of a pair: its own, and where it has none those of `defaults`. */
export interface MergedPair {
  raw: RawMap;
  /** Where a setting is written; undefined for the built-in default. */
  origin(path: Path): Path | undefined;
}

type Located = { value: unknown; path: Path } | { settings: Map<string, Located> };

const SETTINGS = ['labels', 'lag', 'heartbeat', 'errant', 'tables', 'checks', 'throttle', 'verify'];

/** Maps are merged setting by setting; lists and single values replace each other whole. */
export function mergePairs(raw: unknown): MergedPair[] {
  const pairs = getIn(raw, ['pairs']);
  return (Array.isArray(pairs) ? (pairs as unknown[]) : []).map((pair, index) => {
    const settings = new Map(
      Object.entries(isMap(pair) ? pair : {}).map(([key, value]) => [
        key,
        located(value, ['pairs', index, key]),
      ]),
    );
    for (const key of SETTINGS) {
      const [own, general] = [settings.get(key), getIn(raw, ['defaults', key])];
      if (general === undefined) continue;
      const under = located(general, ['defaults', key]);
      settings.set(key, own ? merge(own, under) : under);
    }
    return { raw: plain({ settings }) as RawMap, origin: (path) => originOf({ settings }, path) };
  });
}

function located(value: unknown, path: Path): Located {
  const name = path.at(-1);
  // The short forms, written out.
  if (name === 'tables' && Array.isArray(value)) return { settings: new Map([['include', { value, path }]]) };
  if ((name === 'checksum' || name === 'consistency') && typeof value === 'boolean') {
    return { settings: new Map([['enabled', { value, path }]]) };
  }
  if (!isMap(value)) return { value, path };
  return {
    settings: new Map(Object.entries(value).map(([key, child]) => [key, located(child, [...path, key])])),
  };
}

function merge(over: Located, under: Located): Located {
  if (!('settings' in over) || !('settings' in under)) return over;
  const settings = new Map(under.settings);
  // A schedule is one thing, said in one of two ways.
  if (over.settings.has('every') || over.settings.has('cron')) {
    settings.delete('every');
    settings.delete('cron');
  }
  for (const [key, own] of over.settings) {
    const general = settings.get(key);
    settings.set(key, general ? merge(own, general) : own);
  }
  return { settings };
}

function plain(located: Located): unknown {
  if (!('settings' in located)) return located.value;
  return Object.fromEntries([...located.settings].map(([key, child]) => [key, plain(child)]));
}

function originOf(located: Located | undefined, path: Path): Path | undefined {
  if (!located) return undefined;
  if (!('settings' in located)) return [...located.path, ...path];
  const [part, ...rest] = path;
  return part === undefined ? undefined : originOf(located.settings.get(String(part)), rest);
}
