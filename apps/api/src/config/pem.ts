import { resolve } from 'node:path';
import { readWhole } from './whole-file.ts';

export const isPem = (text: string): boolean => text.includes('-----BEGIN ');

/** The PEM text that a setting holds or names. Throws what `sentence()` puts into words. */
export const readPem = (folder: string, value: string): string =>
  isPem(value) ? value : readWhole(resolve(folder, value)).toString();
