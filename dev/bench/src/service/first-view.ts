import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { gzipSync } from 'node:zlib';
import { repository } from '../../../demo/src/build-page.ts';

const build = join(repository, 'apps/web/build');

/**
 * Gzipped bytes of all JavaScript that the built page loads before its first view, the overview, stands: the modules
 * that its HTML names, the overview's own, and everything that these import statically.
 */
export async function firstViewBytes(): Promise<number> {
  const html = await readFile(join(build, '200.html'), 'utf8');
  const named = [...html.matchAll(/"(\/_app\/[^"]+\.js)"/g)].map(([, path]) => path as string);
  const app = named.find((path) => path.includes('/entry/app.'));
  if (!app) throw new Error('the built page names no entry module: has its layout changed?');
  const open = [...named, await overviewModule(app)];
  const sizes = new Map<string, number>();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const path = next;
    if (sizes.has(path)) continue;
    const code = await readFile(join(build, path), 'utf8');
    sizes.set(path, gzipSync(code).length);
    open.push(...staticImports(code).map((relative) => posix.join(posix.dirname(path), relative)));
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

/** The entry module maps routes to numbered modules, and loads them when they are needed. */
async function overviewModule(app: string): Promise<string> {
  const code = await readFile(join(build, app), 'utf8');
  const number = /"\/":\[(\d+)\]/.exec(code)?.[1];
  const path =
    number && new RegExp(`import\\([\`"'](\\.\\./nodes/${number}\\.[^\`"']+)[\`"']\\)`).exec(code)?.[1];
  if (!path) throw new Error('the overview’s module is not to be found in the built page');
  return posix.join(posix.dirname(app), path);
}

function staticImports(code: string): string[] {
  return [...code.matchAll(/(?:\bfrom|\bimport)\s*["'](\.[^"']+\.js)["']/g)].map(
    ([, path]) => path as string,
  );
}
