/** Where a setting is, from the root of the configuration: `['pairs', 0, 'lag', 'warning']`. */
export type Path = readonly (string | number)[];

/** As people write it: `pairs[0].lag.warning`; a name with a dot in it is quoted. */
export function showPath(path: Path): string {
  let shown = '';
  for (const part of path) {
    if (typeof part === 'number') shown += `[${part}]`;
    else shown += `${shown ? '.' : ''}${/[.[\]\s"]/.test(part) || part === '' ? JSON.stringify(part) : part}`;
  }
  return shown;
}

/** A string that two paths share only when they are equal. */
export const pathKey = (path: Path): string => JSON.stringify(path);

export type RawMap = Record<string, unknown>;

export function isMap(value: unknown): value is RawMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function getIn(raw: unknown, path: Path): unknown {
  let value = raw;
  for (const part of path) {
    if (Array.isArray(value)) value = (value as unknown[])[Number(part)];
    else if (isMap(value) && Object.hasOwn(value, part)) value = value[part];
    else return undefined;
  }
  return value;
}

/** A copy with `value` at `path`; what stands in the way and is no map or list makes room. */
export function setIn(raw: unknown, path: Path, value: unknown): unknown {
  const [part, ...rest] = path;
  if (part === undefined) return value;
  if (typeof part === 'number') {
    const list: unknown[] = Array.isArray(raw) ? [...(raw as unknown[])] : [];
    list[part] = setIn(list[part], rest, value);
    return list;
  }
  const map = isMap(raw) ? raw : {};
  return { ...map, [part]: setIn(map[part], rest, value) };
}
