import { readInTime } from './meanwhile.ts';
import { sentence } from './system-error.ts';
import { readWhole } from './whole-file.ts';

/** The content of a secret's file; editors end it with a line break that belongs to no secret. */
export async function readSecretFile(file: string): Promise<string> {
  try {
    return withoutLineBreak((await readInTime(file)).toString());
  } catch (error) {
    throw new Error(`the password file ${file} cannot be read: ${sentence(error)}`, { cause: error });
  }
}

export const readSecretFileNow = (file: string): string => withoutLineBreak(readWhole(file).toString());

export const withoutLineBreak = (text: string): string => text.replace(/(\r?\n)+$/, '');
