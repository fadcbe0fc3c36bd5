import { relative } from 'node:path';
import type { Plugin, Rolldown } from 'vite';

const routes = 'src/routes/';

/**
 * Writes `screens.json`: by the path of each screen's route, such as `pairs/[pair]`, the files of code that it takes.
 * The service names them in the page's head, so that a browser need not run the router to learn of them. Refuses files
 * that need each other, and those with which the page would be at home at no base path.
 */
export function screenCode(): Plugin {
  let root = '';
  return {
    name: 'screen-code',
    applyToEnvironment: ({ name }) => name === 'client',
    configResolved: (config) => void (root = config.root),
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((each) => each.type === 'chunk');
      const circle = chunks.find((chunk) => isInCircle(chunk, bundle));
      // Whichever ran first would find nothing in the other, and the page stay empty.
      if (circle) {
        throw new Error(`${circle.fileName} needs files that need it: ${circle.imports.join(', ')}`);
      }
      refuseEarlyBase(chunks, bundle);
      const byRoute = new Map(chunks.flatMap((chunk) => routesIn(chunk, root).map((file) => [file, chunk])));
      const screens: Record<string, string[]> = {};
      for (const [file, chunk] of byRoute) {
        const [, route] = /^(.*?)\/?\+page\.svelte$/.exec(file) ?? [];
        // The router takes what says that a screen failed along with every screen.
        const nodes = [chunk, byRoute.get('+error.svelte')].filter((each) => each !== undefined);
        if (route !== undefined) screens[route] = [...withImports(nodes, bundle)];
      }
      this.emitFile({ type: 'asset', fileName: 'screens.json', source: JSON.stringify(screens) });
    },
  };
}

function routesIn(chunk: Rolldown.OutputChunk, root: string): string[] {
  return chunk.moduleIds
    .map((id) => relative(root, id).replaceAll('\\', '/'))
    .filter((id) => id.startsWith(routes))
    .map((id) => id.slice(routes.length));
}

function isInCircle(chunk: Rolldown.OutputChunk, bundle: Rolldown.OutputBundle): boolean {
  const imported = chunk.imports.map((name) => bundle[name]).filter((each) => each?.type === 'chunk');
  return withImports(imported, bundle).has(chunk.fileName);
}

/** The page's shell tells the base path to what begins, and all that reads it has to come after that. */
function refuseEarlyBase(chunks: Rolldown.OutputChunk[], bundle: Rolldown.OutputBundle): void {
  const begins = chunks.filter(({ name }) => name === 'entry/start');
  const early = withImports(begins, bundle);
  const reads = chunks.find(({ moduleIds }) => moduleIds.some((id) => id.includes('/runtime/app/paths/')));
  if (begins.length === 1 && reads && !early.has(reads.fileName)) return;
  throw new Error(`${reads?.fileName} reads the base path before ${begins[0]?.fileName} is told it`);
}

function withImports(from: readonly Rolldown.OutputChunk[], bundle: Rolldown.OutputBundle): Set<string> {
  const files = new Set<string>();
  const take = (chunk: Rolldown.OutputChunk) => {
    if (files.has(chunk.fileName)) return;
    files.add(chunk.fileName);
    for (const name of chunk.imports) {
      const imported = bundle[name];
      if (imported?.type === 'chunk') take(imported);
    }
  };
  from.forEach(take);
  return files;
}
