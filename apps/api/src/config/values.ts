import { basename } from 'node:path';
import { z } from 'zod';
import type { Effective } from './effective.ts';
import { hideCredentials } from './explain.ts';
import { secrets } from './leaves.ts';
import { nameOf } from './names.ts';
import { isMap, type Path, showPath } from './path.ts';
import { isPem } from './pem.ts';
import type { Place } from './problem.ts';
import { configSchema } from './schema.ts';
import { childSchema, defaultOf, formOf } from './schema-walk.ts';
import type { Settings } from './settings.ts';

export type ValueOrigin = 'file' | 'env' | 'default';

/** One effective setting, fit to be shown: a secret reads `••••`. */
export interface ConfigValue {
  /** e.g. `pairs.orders.lag.warning`; pairs and servers by name. */
  path: string;
  /** The same with list items by index, as the file has it. */
  place: Path;
  /** What stands there, secrets replaced. */
  content: unknown;
  /** `content` as one line of text, e.g. `10s`. */
  value: string;
  origin: ValueOrigin;
  /** `lockstep.yaml:12` or the variable's name; null for a default. */
  originName: string | null;
}

export const HIDDEN = '••••';

/** Every setting in force, in the order of the schema. */
export function listValues(settings: Settings, effective: Effective): ConfigValue[] {
  const values: ConfigValue[] = [];

  function add(schema: z.core.$ZodType, value: unknown, path: Path, parts: Path): void {
    const given = value === undefined ? defaultOf(schema) : value;
    if (given === undefined) return;
    const form = formOf(schema, given);
    if (isMap(given) && form) {
      const keys = form instanceof z.ZodObject ? Object.keys(form.shape) : Object.keys(given);
      for (const key of keys) {
        if (path.length === 0 && key === 'defaults') continue;
        const child = childSchema(form, key);
        if (child) add(child, given[key], [...path, key], [...parts, key]);
      }
    } else if (Array.isArray(given) && given.some(isMap) && form instanceof z.ZodArray) {
      for (const [index, item] of given.entries()) {
        add(form.element, item, [...path, index], [...parts, nameOf(item) ?? index]);
      }
    } else {
      const secret = form !== undefined && secrets.has(form);
      const content = shown(given, secret);
      values.push({ path: showPath(parts), place: path, content, value: oneLine(content), ...source(path) });
    }
  }

  function source(path: Path): Pick<ConfigValue, 'origin' | 'originName'> {
    const place = effective.origin(path);
    if (!place) return { origin: 'default', originName: null };
    const at = settings.place(place);
    if ('variable' in at) return { origin: 'env', originName: at.variable };
    return { origin: 'file', originName: [whereabouts(at), ...settings.expanded(place)].join(', ') };
  }

  add(configSchema, effective.raw, [], []);
  return values;
}

const whereabouts = (place: Extract<Place, { file: string }>): string =>
  'line' in place ? `${basename(place.file)}:${place.line}` : basename(place.file);

function shown(value: unknown, secret: boolean): unknown {
  // That an account has an empty password is worth knowing, and gives nothing away.
  if (secret) return value === '' ? '' : HIDDEN;
  if (Array.isArray(value)) return value.map((item) => shown(item, false));
  if (typeof value !== 'string') return value;
  if (isPem(value)) return value.includes('PRIVATE KEY') ? HIDDEN : 'PEM text';
  return hideCredentials(value);
}

function oneLine(content: unknown): string {
  if (content === '') return '""';
  return Array.isArray(content) ? `[${content.map(String).join(', ')}]` : String(content);
}
