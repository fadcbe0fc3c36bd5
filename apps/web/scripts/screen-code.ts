import { relative } from 'node:path';
import type { Plugin, Rolldown } from 'vite';

const routes = 'src/routes/';

/**
 * Writes `screens.json`: by the path of each screen's route, such as `pairs/[pair]`, the files of code that it takes.
 * The service names them in the page's head, so that a browser need not run the router to learn of them. Refuses files
 * that need each other.
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
      if (circle) this.error(`${circle.fileName} needs files that need it: ${circle.imports.join(', ')}`);
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
