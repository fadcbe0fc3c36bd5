import { type FragmentOf, graphql } from '#lib/api/graphql.ts';

export const groupFields = graphql(`
  fragment GroupFields on Group {
    id
    kind
    name
    state
    evidence
    since
    size
    largest
    primary
    unwatched
    members {
      server {
        name
      }
      state
      evidence
      since
      role
      view
      viewSize
      lagMs
      behind
      queue
      flowControl
      holdsBack
    }
  }
`);

export type Group = FragmentOf<typeof groupFields>;
export type GroupMember = Group['members'][number];

export const acceptGroupSize = graphql(
  `
    mutation AcceptGroupSize($id: ID!, $size: Int!) {
      acceptGroupSize(id: $id, size: $size) {
        __typename
        ... on Group {
          ...GroupFields
        }
        ... on RequestError {
          code
          message
        }
      }
    }
  `,
  [groupFields],
);

export const groupsChanged = graphql(
  `
    subscription Groups {
      groups {
        ...GroupFields
      }
    }
  `,
  [groupFields],
);
