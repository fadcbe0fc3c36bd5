/** Who is to notice a mutation. First what is quick; what that lets live goes to the simulated world. */
export const killers = {
  tests: {
    include: ['packages/checks/test/{position,lag,alerts,engine,verify}/**/*.test.ts'],
    exclude: ['**/*.{servers,browser,long,clusters}.test.ts'],
  },
  worlds: {
    // Where all is plain, more is said than where much is in doubt.
    include: ['dev/world/test/plain.test.ts', 'dev/mutate/killers/worlds.test.ts'],
    exclude: [],
  },
};

export type Killers = keyof typeof killers;

/** Of the tests, those of the files' own folders; `own`: of those, the ones that are named for the files. */
export function near(files: readonly string[], own = false): typeof killers.tests {
  const include = files.map((file) => {
    const [, folder = '*', name = ''] = /packages\/checks\/src\/(.+)\/(.+)\.ts/.exec(file) ?? [];
    return `packages/checks/test/${folder}/${own ? name : ''}*.test.ts`;
  });
  return { include: [...new Set(include)], exclude: killers.tests.exclude };
}
