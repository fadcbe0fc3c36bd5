import { fileURLToPath } from 'node:url';

/** Where the page's build lies. In the package that people install it is elsewhere: `dev/package/`. */
export const pageFolder = fileURLToPath(new URL('../../web/build', import.meta.url));
