import { builder } from './builder.ts';

export const LabelType = builder.objectRef<[name: string, value: string]>('Label').implement({
  description: 'One thing that a pair belongs to, in words of the configuration, such as `env: prod`.',
  fields: (t) => ({
    name: t.string({ description: 'What is told apart, e.g. `env`.', resolve: ([name]) => name }),
    value: t.string({ description: 'Which it is, e.g. `prod`.', resolve: ([, value]) => value }),
  }),
});
