import { distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { coerce } from './coerce.ts';
import { nameOf } from './names.ts';
import { isMap, type Path, pathKey, type RawMap, setIn, showPath } from './path.ts';
import type { Problem } from './problem.ts';
import { bare, forms } from './schema-walk.ts';
import { nearest } from './suggest.ts';

// The rule: LOCKSTEP_ and the path of the setting, its parts joined by two underscores. Case and every other sign
// between letters do not count, so LOCKSTEP_SERVERS__DB_1__PASSWORD_FILE is servers.db-1.passwordFile.

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Overrides {
  raw: unknown;
  /** By `pathKey`: the variable that a setting comes from. */
  variables: Map<string, { path: Path; name: string }>;
  problems: Problem[];
}

const PREFIX = 'LOCKSTEP_';

/** Not settings: where the file is, the token of `status`, and what the project's tests, demo and benchmarks use. */
const OURS = /^LOCKSTEP_(CONFIG$|TOKEN$|TEST_|DEMO_|BENCH_)/;

/** Kubernetes puts these into every pod beside a service named lockstep. */
const KUBERNETES = /_SERVICE_(HOST|PORT)(_|$)|_PORT_\d+_(TCP|UDP)(_|$)/;

/** Lays the variables over what the file says. A variable that looks like a setting and is none is a problem. */
export function applyEnvironment(schema: z.ZodType, fromFile: unknown, env: Environment): Overrides {
  const variables: Overrides['variables'] = new Map();
  const problems: Problem[] = [];
  let raw = fromFile;
  const names = Object.keys(env).filter((name) => name.startsWith(PREFIX) && !OURS.test(name));

  // In natural order, so that list item 2 comes before item 10 and a whole list before its items.
  for (const name of names.sort(new Intl.Collator('en', { numeric: true }).compare)) {
    const value = env[name] ?? '';
    const problem = (message: string) => problems.push({ place: { variable: name }, path: [], message });
    if (!name.includes('__')) {
      const meant = misspelt(name, value, known(schema, raw));
      if (meant) problem(`unknown setting; did you mean ${meant}?`);
      continue;
    }
    const found = resolve(schema, raw, name.slice(PREFIX.length).split('__'), []);
    if ('reason' in found) {
      const meant = nearest(name, known(schema, raw));
      problem(meant && meant !== name ? `${found.reason}; did you mean ${meant}?` : found.reason);
    } else {
      raw = setIn(raw, found.path, coerce(found.schema, value));
      variables.set(pathKey(found.path), { path: found.path, name });
    }
  }
  return { raw, variables, problems };
}

type Resolved = { path: Path; schema: z.core.$ZodType } | { reason: string };

function resolve(schema: z.core.$ZodType, raw: unknown, parts: readonly string[], path: Path): Resolved {
  const [part, ...rest] = parts;
  if (part === undefined) return { path, schema };
  if (typeof raw === 'string') {
    return {
      reason: `unknown setting: ${showPath(path)} is a single value in the file, without settings inside`,
    };
  }
  for (const form of forms(schema)) {
    if (form instanceof z.ZodArray) {
      const list = Array.isArray(raw) ? (raw as unknown[]) : [];
      const indexes = indexesOf(part, list);
      if (indexes.length > 1) {
        return { reason: `means more than one item of ${showPath(path)}; use its index` };
      }
      const [index] = indexes;
      if (index !== undefined) return resolve(form.element, list[index], rest, [...path, index]);
    } else if (form instanceof z.ZodObject || form instanceof z.ZodRecord) {
      const map: RawMap = isMap(raw) ? raw : {};
      const keys = Object.keys(form instanceof z.ZodObject ? form.shape : map).filter(
        (key) => letters(key) === letters(part),
      );
      if (keys.length > 1) {
        return { reason: `means ${keys.join(' as well as ')} of ${showPath(path)}; rename one` };
      }
      const [key] = keys;
      if (key === undefined) continue;
      const inner = form instanceof z.ZodObject ? (form.shape[key] as z.core.$ZodType) : form.valueType;
      return resolve(inner, map[key], rest, [...path, key]);
    }
  }
  if (bare(schema) instanceof z.ZodRecord) {
    const declared = isMap(raw) ? Object.keys(raw).join(', ') : '';
    return {
      reason: `the file has no ${part} under ${showPath(path)}${declared && ` (it has ${declared})`}`,
    };
  }
  return { reason: 'unknown setting' };
}

/** By position (the next free one makes a new item), or by the item's name. */
function indexesOf(part: string, list: readonly unknown[]): number[] {
  if (/^\d+$/.test(part)) return Number(part) <= list.length ? [Number(part)] : [];
  return list.flatMap((item, index) => (letters(nameOf(item) ?? '') === letters(part) ? [index] : []));
}

/** With single underscores it may belong to something else; only what is nearly a setting is taken for one. */
function misspelt(name: string, value: string, settings: readonly string[]): string | undefined {
  if (KUBERNETES.test(name) || /^(tcp|udp):\/\//.test(value)) return undefined;
  return settings.find((setting) => distance(letters(setting), letters(name)) <= 1);
}

const letters = (text: string): string => text.replace(/[^\p{L}\p{N}]/gu, '').toUpperCase();

/** `passwordFile` → `PASSWORD_FILE`, `db-1` → `DB_1`. */
const variablePart = (key: string): string =>
  key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .toUpperCase();

/** Every variable that could be set, given the servers and pairs of the file. */
function known(schema: z.core.$ZodType, raw: unknown, name = 'LOCKSTEP'): string[] {
  const deeper = (child: z.core.$ZodType, value: unknown, key: string) =>
    known(child, value, `${name}${name === 'LOCKSTEP' ? '_' : '__'}${variablePart(key)}`);
  const map: RawMap = isMap(raw) ? raw : {};
  return forms(schema).flatMap((form) => {
    if (form instanceof z.ZodObject) {
      if (typeof raw === 'string') return [];
      const shape = Object.entries(form.shape) as [string, z.core.$ZodType][];
      return shape.flatMap(([key, child]) => deeper(child, map[key], key));
    }
    if (form instanceof z.ZodRecord) {
      return Object.entries(map).flatMap(([key, value]) => deeper(form.valueType, value, key));
    }
    if (form instanceof z.ZodArray && Array.isArray(raw)) {
      const maps = (raw as unknown[]).map((item, index) => [nameOf(item) ?? String(index), item] as const);
      return [name, ...maps.flatMap(([key, item]) => (isMap(item) ? deeper(form.element, item, key) : []))];
    }
    return [name];
  });
}
