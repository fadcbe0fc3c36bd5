import { mergePairs } from './merge.ts';
import { nameOf, serverName } from './names.ts';
import { defaultEvery } from './pair-settings.ts';
import { getIn, isMap, type Path, type RawMap } from './path.ts';

/** The configuration as it works: servers all declared, pairs complete with what `defaults` says, names filled in. */
export interface Effective {
  raw: RawMap;
  /** Where a setting of `raw` is written; undefined for a built-in default. */
  origin(path: Path): Path | undefined;
}

/** From settings that were found sound. */
export function effective(raw: unknown): Effective {
  const declared = getIn(raw, ['servers']);
  const servers: RawMap = isMap(declared) ? { ...declared } : {};
  const moved = new Map<string, Path>();
  const merged = mergePairs(raw);

  const pairs = merged.map((pair, index) => {
    const result: RawMap = { ...pair.raw, name: nameOf(pair.raw) };
    for (const side of ['source', 'target']) {
      const name = serverName(pair.raw[side]);
      if (name === undefined) continue;
      result[side] = name;
      const inline = pair.raw[side];
      if (!isMap(inline)) continue;
      const { name: _, ...server } = inline;
      servers[name] = server;
      moved.set(name, ['pairs', index, side]);
    }
    return { ...result, checks: withSchedules(pair.raw['checks']) };
  });

  const { defaults: _, ...rest } = isMap(raw) ? raw : {};
  const written = { ...rest, servers, pairs };

  function origin(path: Path): Path | undefined {
    const [section, name, ...inside] = path;
    if (section === 'pairs' && typeof name === 'number') {
      const place = merged[name]?.origin(inside);
      return place && getIn(raw, place) !== undefined ? place : undefined;
    }
    const inline = section === 'servers' ? moved.get(String(name)) : undefined;
    const place = inline ? [...inline, ...inside] : path;
    return getIn(raw, place) === undefined ? undefined : place;
  }
  return { raw: written, origin };
}

/** The one default that depends on another setting: an interval only where there is no cron pattern. */
function withSchedules(checks: unknown): RawMap {
  const given: RawMap = isMap(checks) ? checks : {};
  const complete = (check: keyof typeof defaultEvery) => {
    const settings: RawMap = isMap(given[check]) ? given[check] : {};
    return settings['every'] === undefined && settings['cron'] === undefined
      ? { ...settings, every: defaultEvery[check] }
      : settings;
  };
  return { ...given, checksum: complete('checksum'), consistency: complete('consistency') };
}
