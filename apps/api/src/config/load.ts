import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { destinationConfig } from './destinations.ts';
import { effective } from './effective.ts';
import { engineConfig } from './engine.ts';
import { applyEnvironment, type Environment } from './environment.ts';
import { explain } from './explain.ts';
import type { AuthConfig, LoadedConfig, OidcConfig, Role, RolesConfig } from './loaded.ts';
import { NoAnswer, readInTime } from './meanwhile.ts';
import { getIn, type Path, pathKey, showPath } from './path.ts';
import { formatProblem, type Place, type Problem } from './problem.ts';
import { ReadAhead } from './read-ahead.ts';
import { rules } from './rules/index.ts';
import { configSchema, type ParsedConfig } from './schema.ts';
import { readSecretFileNow } from './secret-file.ts';
import { readingSettings, type Settings } from './settings.ts';
import { listValues } from './values.ts';
import { isWritten, readWhole } from './whole-file.ts';

export type LoadResult = { ok: true; config: LoadedConfig } | { ok: false; problems: Problem[] };

/** Reads a configuration file (YAML or JSON) with the environment over it. Names everything that is wrong at once. */
export function loadConfig(file: string, env: Environment): LoadResult {
  return toTheEnd(loading(file, env));
}

/**
 * The same for a program that has other things to do meanwhile: of a file that may be written at this moment, and of
 * disks that may not answer.
 */
export async function loadConfigMeanwhile(file: string, env: Environment): Promise<LoadResult> {
  const refused = (message: string): LoadResult => ({
    ok: false,
    problems: [{ place: { file }, path: [], message }],
  });
  // Whoever only asks for its marks would wait for ever.
  const unanswered = await readInTime(file).then(
    () => null,
    (error: unknown) => (error instanceof NoAnswer ? error.message : null),
  );
  if (unanswered !== null) return refused(`cannot be read: ${unanswered}`);
  if (!(await isWritten(file))) return refused('is being written: take it up once it is whole');
  const ahead = new ReadAhead();
  for (;;) {
    const result = await loadedWith(ahead, file, env);
    if (result) return result;
    await ahead.fetch();
  }
}

/** Null where files are still to be read. */
async function loadedWith(ahead: ReadAhead, file: string, env: Environment): Promise<LoadResult | null> {
  const steps = loading(file, env, readWhole);
  try {
    for (;;) {
      const step = ahead.for(() => steps.next());
      if (step.done) return ahead.lacks ? null : step.value;
      await nextTurn();
    }
  } catch (error) {
    if (ahead.lacks) return null;
    throw error;
  }
}

function* loading(
  file: string,
  env: Environment,
  how?: (name: string) => Buffer,
): Generator<void, LoadResult, undefined> {
  const read = yield* readingSettings(file, env, how);
  if (!read.ok) return read;
  return { ok: true, config: yield* loadedFrom(read.settings) };
}

function toTheEnd<Value>(steps: Generator<void, Value, undefined>): Value {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** The same of settings that stand in no file, such as a command line's. */
export function loadWithoutFile(
  given: unknown,
  env: Environment,
): { ok: true; config: LoadedConfig } | { ok: false; messages: string[] } {
  const { raw, variables, problems } = applyEnvironment(configSchema, given, env);
  const checked = configSchema.safeParse(raw);
  const folder = process.cwd();
  const findings = [
    ...(checked.error ? explain(configSchema, raw, checked.error.issues, () => false) : []),
    ...rules.flatMap((rule) => rule(raw, folder)),
  ];
  const messages = [
    ...problems.map(formatProblem),
    ...findings.map(({ path, message }) => `${showPath(path)}: ${message}`),
  ];
  if (messages.length > 0) return { ok: false, messages };
  const place = (path: Path): Place => {
    const name = variables.get(pathKey(path))?.name;
    return name === undefined ? { file: 'the command line' } : { variable: name };
  };
  return { ok: true, config: toTheEnd(loadedFrom({ file: '', folder, raw, place, expanded: () => [] })) };
}

/** From settings that were found sound. */
function* loadedFrom(settings: Settings): Generator<void, LoadedConfig, undefined> {
  yield;
  const complete = effective(settings.raw);
  yield;
  const parsed = configSchema.parse(complete.raw);
  yield;
  const values = listValues(settings, complete);
  yield;
  return {
    file: settings.file,
    engine: engineConfig(parsed, settings.folder),
    http: {
      host: parsed.http.host,
      port: parsed.http.port,
      basePath: parsed.http.basePath === '/' ? '' : parsed.http.basePath,
      auth: authConfig(
        parsed.http.auth,
        settings.folder,
        getIn(settings.raw, ['http', 'auth']) !== undefined,
      ),
      allowedOrigins: parsed.http.allowedOrigins,
      trustedProxies: parsed.http.trustedProxies,
      maxConnections: parsed.http.maxConnections,
      maxConnectionsPerClient: parsed.http.maxConnectionsPerClient,
      graphiql: parsed.http.graphiql,
      ...(parsed.http.publicUrl !== undefined && { publicUrl: parsed.http.publicUrl }),
    },
    log: parsed.log,
    notifications: parsed.notifications.map((one) => destinationConfig(one, settings.folder)),
    ...(parsed.tracing && {
      tracing: { url: parsed.tracing.url, headers: parsed.tracing.headers ?? {} },
    }),
    values,
  };
}

function authConfig(auth: ParsedConfig['http']['auth'], folder: string, explicit: boolean): AuthConfig {
  if (auth === 'none') return { kind: 'none', explicit };
  return {
    kind: 'tokens',
    tokens: (auth.tokens ?? []).map(({ name, role, tokenHash, tokenFile, token }) => ({
      name,
      role,
      sha256:
        tokenHash?.slice('sha256:'.length).toLowerCase() ??
        sha256(tokenFile === undefined ? (token ?? '') : readSecretFileNow(resolve(folder, tokenFile))),
    })),
    ...(auth.proxyHeader && {
      proxyHeader: {
        name: auth.proxyHeader.name,
        ...(auth.proxyHeader.roleHeader !== undefined && { roleHeader: auth.proxyHeader.roleHeader }),
        roles: rolesConfig(auth.proxyHeader),
      },
    }),
    ...(auth.oidc && { oidc: oidcConfig(auth.oidc, folder) }),
  };
}

function oidcConfig(given: GivenOidc, folder: string): OidcConfig {
  const { clientSecret, clientSecretFile, roles, defaultRole, session, nameClaim, roleClaim, ...same } =
    given;
  const secret =
    clientSecretFile === undefined ? clientSecret : readSecretFileNow(resolve(folder, clientSecretFile));
  return {
    ...same,
    ...(secret !== undefined && { clientSecret: secret }),
    ...(nameClaim !== undefined && { nameClaim }),
    ...(roleClaim !== undefined && { roleClaim }),
    roles: rolesConfig({ roles, defaultRole }),
    sessionMs: session,
  };
}

type GivenOidc = NonNullable<Exclude<ParsedConfig['http']['auth'], 'none'>['oidc']>;

interface GivenRoles {
  roles?: { operator?: string[] | undefined; viewer?: string[] | undefined } | undefined;
  defaultRole?: Role | undefined;
}

function rolesConfig({ roles, defaultRole }: GivenRoles): RolesConfig {
  return {
    operator: roles?.operator ?? [],
    viewer: roles?.viewer ?? [],
    otherwise: defaultRole ?? null,
  };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
