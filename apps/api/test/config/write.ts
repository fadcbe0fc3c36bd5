import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { formatProblem, loadConfig, type LoadedConfig } from '../../src/config/index.ts';

/** Writes files into a folder of the test's own; returns the folder. */
export function writeFiles(files: Record<string, string | Uint8Array>): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

type Options = { env?: Record<string, string>; name?: string; files?: Record<string, string> };

function load(content: string | Uint8Array, { env = {}, name = 'lockstep.yaml', files = {} }: Options) {
  const folder = writeFiles({ ...files, [name]: content });
  return { folder, result: loadConfig(join(folder, name), env) };
}

/** Loads what must be sound. */
export function loaded(content: string, options: Options = {}): LoadedConfig {
  const { result } = load(content, options);
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
  return result.config;
}

/** The problems of what must not be sound, as they are printed, without the folder. */
export function problems(content: string | Uint8Array, options: Options = {}): string[] {
  const { folder, result } = load(content, options);
  if (result.ok) throw new Error('nothing was found wrong');
  return result.problems.map((problem) => formatProblem(problem).replaceAll(`${folder}/`, ''));
}

/** Twelve lines: the smallest useful configuration. */
export const MINIMAL = `servers:
  db1:
    host: db1.example.com
    user: lockstep
    password: first-password
  db2:
    host: db2.example.com
    user: lockstep
    password: second-password
pairs:
  - source: db1
    target: db2
`;
