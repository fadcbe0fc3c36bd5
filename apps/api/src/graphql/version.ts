import { builder } from './builder.ts';

builder.queryField('version', (t) =>
  t.string({
    description: 'The version of Lockstep that answers.',
    resolve: (_root, _args, { version }) => version,
  }),
);
