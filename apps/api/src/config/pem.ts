import { createPrivateKey, X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import { readWhole } from './whole-file.ts';

export const isPem = (text: string): boolean => text.includes('-----BEGIN ');

/** Somebody who writes it is at its end. */
export const isWholePem = (text: string): boolean => count(text, 'BEGIN') === count(text, 'END');

const count = (text: string, mark: 'BEGIN' | 'END'): number => text.split(`-----${mark} `).length - 1;

/** Whether a key is another's than the certificate's; false where either cannot be read as such. */
export function isOthersKey(cert: string, key: string): boolean {
  try {
    return !new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/** The PEM text that a setting holds or names. Throws what `sentence()` puts into words. */
export const readPem = (folder: string, value: string): string =>
  isPem(value) ? value : readWhole(resolve(folder, value)).toString();
