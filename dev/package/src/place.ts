import { fileURLToPath } from 'node:url';

// In the package the page lies beside the folder of all code.
export const pageFolder = fileURLToPath(new URL('../page', import.meta.url));
