import { fileURLToPath } from 'node:url';

/** Where the printed schema lies in the repository. */
export const schemaFile = fileURLToPath(new URL('../../../../schema.graphql', import.meta.url));
