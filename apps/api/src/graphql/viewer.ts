import type { Role } from '../config/loaded.ts';
import { builder } from './builder.ts';
import { describedEnum } from './described-enum.ts';

/** Who is asking. `name` is the token's name from the configuration, and goes into the history of what was done. */
export interface Viewer {
  name: string;
  role: Role;
  /** False when the service was told to ask nobody who they are. */
  authRequired: boolean;
}

export const RoleType = describedEnum<Role>('Role', 'What somebody may do.', {
  viewer: 'May see everything and change nothing.',
  operator: 'May also start and stop checks, pause pairs, acknowledge and silence alerts.',
});

const ViewerType = builder.objectRef<Viewer>('Viewer').implement({
  description: 'Who is asking, and what they may do.',
  fields: (t) => ({
    name: t.exposeString('name', {
      description: 'The name of the token they signed in with; `anonymous` where no token is asked for.',
    }),
    role: t.expose('role', { type: RoleType, description: 'What they may do.' }),
    authRequired: t.exposeBoolean('authRequired', {
      description: 'Whether this service asks for a token at all.',
    }),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    type: ViewerType,
    description: 'Who is asking, and what they may do.',
    resolve: (_root, _args, { viewer }) => viewer,
  }),
);
