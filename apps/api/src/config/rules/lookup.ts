import { parseDuration } from '../duration.ts';
import { getIn, isMap, type Path, type RawMap } from '../path.ts';
import { configSchema } from '../schema.ts';
import { defaultOf, schemaAt } from '../schema-walk.ts';

/** The list at `path`; empty when there is something else. */
export function listAt(raw: unknown, path: Path): unknown[] {
  const value = getIn(raw, path);
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/** Every server of the file, declared or inline, with its place. */
export function* allServers(raw: unknown): Generator<[Path, RawMap]> {
  const declared = getIn(raw, ['servers']);
  for (const [name, server] of Object.entries(isMap(declared) ? declared : {})) {
    if (isMap(server)) yield [['servers', name], server];
  }
  yield* inlineServers(raw);
}

export function* inlineServers(raw: unknown): Generator<[Path, RawMap]> {
  for (const [index, pair] of listAt(raw, ['pairs']).entries()) {
    for (const side of ['source', 'target']) {
      const server = getIn(pair, [side]);
      if (isMap(server)) yield [['pairs', index, side], server];
    }
  }
}

/** In ms; null for what is no duration, which the schema reports. */
export const durationOf = (value: unknown): number | null =>
  typeof value === 'string' ? parseDuration(value) : null;

/** What holds when a setting is left out; `path` as under the root of the configuration. */
export function defaultAt(path: Path): unknown {
  const schema = schemaAt(configSchema, path);
  return schema && defaultOf(schema);
}
