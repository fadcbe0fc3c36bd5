import { fileURLToPath } from 'node:url';

/** Where the printed schema lies in the repository. */
export const schemaFile = fileURLToPath(new URL('../../../../schema.graphql', import.meta.url));

/** The same as of the last release: what its clients ask for goes on to be answered. */
export const releasedSchemaFile = fileURLToPath(
  new URL('../../../../docs/released.graphql', import.meta.url),
);
