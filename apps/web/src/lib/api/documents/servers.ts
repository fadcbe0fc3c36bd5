import { type FragmentOf, graphql } from '#lib/api/graphql.ts';

export const serverFields = graphql(`
  fragment ServerFields on Server {
    name
    address
    connection
    evidence
    since
    lastContact
    attempts
    flavour
    version
    identity
    readOnly
    missingPrivileges {
      feature
      grant
      message
    }
  }
`);

export type Server = FragmentOf<typeof serverFields>;

export const serversChanged = graphql(
  `
    subscription Servers {
      servers {
        ...ServerFields
      }
    }
  `,
  [serverFields],
);
