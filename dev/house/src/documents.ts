import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './imports.ts';

/** Where a path that a document names may begin: at the root, or, for short, at the sources of the engine. */
const roots = ['', 'packages/checks/src'];
const ending = /\.(ts|mjs|md|ya?ml|json|graphql|svelte)$/;

export const readDocument = (name: string) => readFileSync(join(repository, name), 'utf8');

/** What stands between backticks, outside of blocks of code. */
function spans(text: string): string[] {
  const prose = text.replaceAll(/^```.*?^```/gms, '');
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
}

/** The files and folders that a document names. A folder is one by the `/` at its end. */
export function pathsIn(text: string): string[] {
  return spans(text)
    .filter((span) => /^[\w.@+-]+(\/[\w.@+-]+)*\/?$/.test(span) && /\/$|\.\w+$/.test(span))
    .filter((span) => span.endsWith('/') || ending.test(span));
}

/** The file or folder in the repository; null when there is none. `beside`: a folder whose own files need no path. */
export function findPath(path: string, beside: string | null = null): string | null {
  const folders = beside === null ? roots : [beside, ...roots];
  return folders.map((folder) => join(repository, folder, path)).find((file) => existsSync(file)) ?? null;
}

export interface Script {
  name: string;
  /** Null: the root's. */
  workspace: string | null;
}

/** The npm scripts that a document tells its reader to run. */
export function scriptsIn(text: string): Script[] {
  const commands = text.matchAll(/\bnpm (?:run ([\w:-]+)|(test|start)\b(?!:))(?: -w ([\w@/-]+))?/g);
  return [...commands].map(([, run, short, workspace = null]) => ({ name: run ?? short ?? '', workspace }));
}

/** The names of the scripts of a workspace; none where there is no such workspace. Null: those of the root. */
export function scriptsOf(workspace: string | null): string[] {
  const manifests = globSync('{apps,packages,dev}/*/package.json', { cwd: repository });
  const all = ['package.json', ...manifests].map((file) => JSON.parse(readDocument(file)) as Manifest);
  const found = workspace === null ? all[0] : all.find(({ name }) => name === workspace);
  return Object.keys(found?.scripts ?? {});
}

interface Manifest {
  name: string;
  scripts?: object;
}

export interface Step {
  text: string;
  files: string[];
  /** As in `measureLag()`. */
  functions: string[];
}

/** The numbered steps of a document, each with the files and functions that it names. */
export function stepsIn(text: string): Step[] {
  const steps = text.match(/^\d+\. .*(\n {2,}\S.*)*/gm) ?? [];
  return steps.map((step) => ({
    text: step,
    files: pathsIn(step).filter((path) => path.endsWith('.ts')),
    functions: spans(step).flatMap((span) => /^[\w.]*?(\w+)\(\)$/.exec(span)?.[1] ?? []),
  }));
}
