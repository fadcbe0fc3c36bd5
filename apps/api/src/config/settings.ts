import { dirname, resolve } from 'node:path';
import { coerce } from './coerce.ts';
import { applyEnvironment, type Environment } from './environment.ts';
import { expandVariables } from './expand.ts';
import { explain, type Finding, show } from './explain.ts';
import { readConfigFile } from './file.ts';
import { getIn, type Path, pathKey, setIn } from './path.ts';
import { few, type Place, type Problem, toldOf } from './problem.ts';
import { rules } from './rules/index.ts';
import { configSchema } from './schema.ts';
import { fillEmptySections, schemaAt } from './schema-walk.ts';

/** File and environment laid over each other and found sound; not yet completed with defaults. */
export interface Settings {
  file: string;
  /** What relative paths of files are relative to. */
  folder: string;
  raw: unknown;
  place(path: Path): Place;
  /** The variables that were put into a value of the file. */
  expanded(path: Path): readonly string[];
}

type Read = { ok: true; settings: Settings } | { ok: false; problems: Problem[] };

/**
 * Reads and examines everything, and names all that is wrong at once. It yields wherever it may be held: of hundreds of
 * pairs it takes long.
 */
export function* readingSettings(
  name: string,
  env: Environment,
  how?: (name: string) => Buffer,
): Generator<void, Read, undefined> {
  const read = readConfigFile(name, how);
  if (!('file' in read)) return { ok: false, problems: toldOf(read.problems, name) };

  yield;
  const expansion = expandVariables(read.file.raw, env);
  let raw = fillEmptySections(configSchema, expansion.raw);
  for (const { path } of expansion.variables.values()) {
    const schema = schemaAt(configSchema, path);
    const text = getIn(raw, path);
    if (schema && typeof text === 'string') raw = setIn(raw, path, coerce(schema, text));
  }
  yield;
  const overrides = applyEnvironment(configSchema, raw, env);
  raw = overrides.raw;

  const fromEnvironment = (path: Path) => nearestKey(path, (key) => overrides.variables.get(key)?.name);
  const place = (path: Path): Place => {
    const variable = fromEnvironment(path);
    return variable === undefined ? { file: name, ...read.file.locate(path) } : { variable };
  };
  const expanded = (path: Path) => expansion.variables.get(pathKey(path))?.names ?? [];
  const folder = dirname(resolve(name));
  yield;
  const checked = configSchema.safeParse(raw);
  yield;
  // What a variable of the environment overrides need not be sound in the file.
  const failures = expansion.failures.filter(({ path }) => fromEnvironment(path) === undefined);
  // A value whose variable is unset was reported for that; what is left of it means nothing.
  const failed = new Set(failures.map(({ path }) => pathKey(path)));
  const mayBeSecret = (path: Path) =>
    expanded(path).some((variable) => secretName.test(variable)) ||
    (namesSecret.test(String(path.at(-1))) &&
      (expanded(path).length > 0 || fromEnvironment(path) !== undefined));
  /** Rules know nothing of where a value came from. */
  const withoutSecret = ({ path, message }: Finding): Finding => {
    const value = getIn(raw, path);
    if (typeof value !== 'string' || value === '' || !mayBeSecret(path)) return { path, message };
    return { path, message: message.replaceAll(show(value), show(value, true)) };
  };
  const findings = checked.error
    ? [...few(explain(configSchema, raw, checked.error.issues, mayBeSecret))]
    : [];
  for (const rule of rules) {
    yield;
    for (const finding of few(rule(raw, folder))) findings.push(withoutSecret(finding));
  }
  const problems = [
    ...read.problems,
    ...overrides.problems,
    ...[...few(failures)].map((failure) => ({ ...failure, place: place(failure.path) })),
    ...findings
      .filter(({ path }) => !failed.has(pathKey(path)))
      .map(({ path, message }) => ({ path, place: place(path), message: message + from(expanded(path)) })),
  ];
  if (problems.length > 0) return { ok: false, problems: toldOf(problems, name) };
  return { ok: true, settings: { file: resolve(name), folder, raw, place, expanded } };
}

/** A variable whose value is not repeated, wherever it was put by mistake. */
const secretName = /PASS|PWD|SECRET|TOKEN|KEY|CREDENTIAL/i;

/** Settings that name a file with a secret in it, where the secret itself is written by mistake. */
const namesSecret = /^(passwordFile|tokenFile|clientSecretFile|urlFile|ca|cert|key|serverPublicKey)$/;

const from = (names: readonly string[]): string =>
  names.length > 0 ? ` (from ${names.map((name) => `\${${name}}`).join(', ')})` : '';

/** What `find` has for the path or the nearest path around it. */
function nearestKey(path: Path, find: (key: string) => string | undefined): string | undefined {
  for (let length = path.length; length > 0; length--) {
    const found = find(pathKey(path.slice(0, length)));
    if (found !== undefined) return found;
  }
  return undefined;
}
