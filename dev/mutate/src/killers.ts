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

/** Of the tests, those of the files' own folders. */
export function near(files: readonly string[]): typeof killers.tests {
  const folders = new Set(files.map((file) => /packages\/checks\/src\/(.+)\//.exec(file)?.[1] ?? '*'));
  const include = [...folders].map((folder) => `packages/checks/test/${folder}/*.test.ts`);
  return { include, exclude: killers.tests.exclude };
}
