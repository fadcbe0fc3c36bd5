import { fileURLToPath } from 'node:url';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import type { Import } from './floors.ts';

export const repository = fileURLToPath(new URL('../../..', import.meta.url));

export interface Imports {
  imports: Import[];
  /** Circles of values, each as the files that it goes through; what is only typed in a circle does no harm. */
  circles: string[];
}

/** Every import of the files in some folders of the repository; paths are relative to the repository. */
export async function readImports(...folders: string[]): Promise<Imports> {
  const { output } = await cruise(folders, {
    baseDir: repository,
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: 'generated|[.]svelte-kit' },
    validate: true,
    ruleSet: {
      forbidden: [
        {
          name: 'circle',
          severity: 'error',
          from: {},
          to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
        },
      ],
    },
  });
  const { modules, summary } = output as ICruiseResult;
  return {
    imports: modules.flatMap(({ source, dependencies }) =>
      dependencies.map(({ resolved }) => ({ from: source, to: resolved })),
    ),
    circles: summary.violations.map(({ from, cycle }) =>
      [from, ...(cycle ?? []).map(({ name }) => name)].join(' → '),
    ),
  };
}
