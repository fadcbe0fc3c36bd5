import type { Environment } from './environment.ts';
import { isMap, type Path, pathKey } from './path.ts';

/** What became of the `${VARIABLE}`s of a file. */
export interface Expansion {
  raw: unknown;
  /** By `pathKey`: the variables that went into a value. */
  variables: Map<string, { path: Path; names: string[] }>;
  failures: { path: Path; message: string }[];
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Puts variables of the environment into the texts of a file that was parsed before, so that no value can change the
 * structure. `${NAME}` must be set; `${NAME:-text}` takes the text when it is unset or empty; `$${` is a plain `${`.
 */
export function expandVariables(raw: unknown, env: Environment): Expansion {
  const variables: Expansion['variables'] = new Map();
  const failures: Expansion['failures'] = [];

  function expandText(text: string, path: Path): string {
    const names: string[] = [];
    const expanded = text.replace(
      /\$\$\{|\$\{([^}]*)(\}?)/g,
      (match, body: string | undefined, end: string) => {
        if (body === undefined) return '${';
        const [name = '', fallback] = split(body);
        if (!end || !NAME.test(name)) {
          failures.push({
            path,
            message:
              'expected ${NAME} or ${NAME:-text}, found "${" with something else (a plain "${" is written "$${")',
          });
          return match;
        }
        names.push(name);
        const value = env[name];
        if (fallback !== undefined) return value === undefined || value === '' ? fallback : value;
        if (value === undefined) {
          failures.push({
            path,
            message: `expected the environment variable ${name}, found it unset (a fallback is written \${${name}:-text})`,
          });
        }
        return value ?? '';
      },
    );
    if (names.length > 0) variables.set(pathKey(path), { path, names });
    return expanded;
  }

  function expand(value: unknown, path: Path): unknown {
    if (typeof value === 'string') return expandText(value, path);
    if (Array.isArray(value)) return value.map((item, index) => expand(item, [...path, index]));
    if (!isMap(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, expand(item, [...path, key])]),
    );
  }

  return { raw: expand(raw, []), variables, failures };
}

function split(body: string): [string, string?] {
  const at = body.indexOf(':-');
  return at < 0 ? [body] : [body.slice(0, at), body.slice(at + 2)];
}
