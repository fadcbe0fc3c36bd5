import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { sentence } from './system-error.ts';

/** The content of a secret's file; editors end it with a line break that belongs to no secret. */
export async function readSecretFile(file: string): Promise<string> {
  try {
    return withoutLineBreak(await readFile(file, 'utf8'));
  } catch (error) {
    throw new Error(`the password file ${file} cannot be read: ${sentence(error)}`, { cause: error });
  }
}

export const readSecretFileNow = (file: string): string => withoutLineBreak(readFileSync(file, 'utf8'));

const withoutLineBreak = (text: string): string => text.replace(/(\r?\n)+$/, '');
