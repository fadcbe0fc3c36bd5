import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

export const isPem = (text: string): boolean => text.includes('-----BEGIN ');

/** The PEM text that a setting holds or names. Throws the file system's error. */
export const readPem = (folder: string, value: string): string =>
  isPem(value) ? value : readFileSync(resolve(folder, value), 'utf8');
