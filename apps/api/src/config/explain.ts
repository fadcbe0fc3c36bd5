import type { z } from 'zod';
import { secrets } from './leaves.ts';
import { getIn, isMap, type Path } from './path.ts';
import { forms, knownKeys, schemaAt } from './schema-walk.ts';
import { suggestion } from './suggest.ts';

export interface Finding {
  path: Path;
  message: string;
}

/** Says of each issue what was found and what is expected. */
export function* explain(
  schema: z.ZodType,
  raw: unknown,
  issues: readonly z.core.$ZodIssue[],
  mayBeSecret: (path: Path) => boolean,
): Generator<Finding, void, undefined> {
  function* findings(issue: z.core.$ZodIssue, path: Path): Generator<Finding, void, undefined> {
    const here = schemaAt(schema, path);
    if (issue.code === 'unrecognized_keys') {
      const known = here ? knownKeys(here) : [];
      for (const key of issue.keys) {
        yield { path: [...path, key], message: `unknown key${suggestion(key, known)}` };
      }
      return;
    }
    if (issue.code === 'invalid_key') {
      yield { path, message: `expected ${issue.issues[0]?.message ?? 'a name'}` };
      return;
    }
    const value = getIn(raw, path);
    if (issue.code === 'invalid_union') {
      // A map is judged by the rules for maps and a list by those for lists, whatever else might stand here.
      const inner =
        typeof value === 'object' ? issue.errors.find((branch) => !branch.some(isWrongShape)) : undefined;
      if (inner) {
        for (const deep of inner) yield* findings(deep, [...path, ...(deep.path as Path)]);
        return;
      }
    }
    if (value === undefined) {
      yield { path, message: `missing; expected ${issue.message}` };
      return;
    }
    const secret = mayBeSecret(path) || [path, [...path, 0], [...path, 'any name']].some(isSecret);
    yield { path, message: `expected ${issue.message}, found ${show(value, secret)}` };
  }
  // In the place of a map or list of secrets stands one of them, by mistake.
  function isSecret(path: Path): boolean {
    const at = schemaAt(schema, path);
    return at !== undefined && forms(at).some((form) => secrets.has(form));
  }
  for (const issue of issues) yield* findings(issue, issue.path as Path);
}

const isWrongShape = (issue: z.core.$ZodIssue): boolean =>
  issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');

/** A value as a report may show it: what kind it is, and itself where it is short and no secret. */
export function show(value: unknown, secret = false): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (isMap(value)) return 'a map';
  if (secret) {
    return typeof value === 'string'
      ? value === ''
        ? 'an empty text'
        : 'another text'
      : `a ${typeof value}`;
  }
  if (typeof value !== 'string') return JSON.stringify(value);
  const clean = hideCredentials(value);
  return JSON.stringify(clean.length > 60 ? `${clean.slice(0, 60)}…` : clean);
}

/**
 * `mysql://root:secret@db1` written where a name belongs must not be repeated as it is; nor what else is a key in an
 * address of the web: who asks, without a password, and what stands behind a question mark.
 */
export const hideCredentials = (text: string): string =>
  text
    .replace(/:(?!\/\/)\S+@/g, ':••••@')
    .replace(/\bhttps?:\/\/\S+/gi, (address) =>
      address.replace(/^(\w+:\/\/)[^/?#@:]+@/, '$1••••@').replace(/\?.*/, '?••••'),
    );
