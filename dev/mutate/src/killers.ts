/** Who is to notice a mutation. First what is quick; what that lets live goes to the simulated world. */
export const killers = {
  tests: {
    include: ['packages/checks/test/{position,lag,alerts,engine,verify}/**/*.test.ts'],
    exclude: ['**/*.{servers,browser,long,clusters}.test.ts'],
  },
  worlds: { include: ['dev/mutate/killers/worlds.test.ts'], exclude: [] },
};

export type Killers = keyof typeof killers;
