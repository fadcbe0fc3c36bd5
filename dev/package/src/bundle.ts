import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';

export const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** The oldest Node that the package runs on. */
export const oldestNode = '22.17';

/**
 * Writes service and engine as JavaScript into `folder`, the packages that they use among it, and into `notices` who
 * wrote those. Node strips no types under node_modules, and the oldest knows no `using`: both are translated.
 */
export async function bundle(folder: string, notices: string): Promise<void> {
  await build({
    configFile: false,
    root: repository,
    logLevel: 'warn',
    plugins: [otherPlace],
    // The two are faster parts of `ws` that it does without.
    ssr: { noExternal: true, external: ['bufferutil', 'utf-8-validate'] },
    build: {
      ssr: true,
      target: `node${oldestNode}`,
      outDir: folder,
      // It is empty, and may lie anywhere.
      emptyOutDir: false,
      copyPublicDir: false,
      // Whoever installs a monitor may read what runs.
      minify: false,
      license: { fileName: notices },
      rolldownOptions: {
        input: {
          cli: join(import.meta.dirname, 'entry.ts'),
          'history-thread': join(repository, 'packages/checks/src/storage/thread/history-thread.ts'),
        },
        output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  });
}

const place = join(repository, 'apps/api/src/place.ts');

const otherPlace: Plugin = {
  name: 'other-place',
  load: { filter: { id: place }, handler: () => `export * from '${join(import.meta.dirname, 'place.ts')}';` },
};
