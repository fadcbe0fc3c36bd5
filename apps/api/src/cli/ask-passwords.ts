import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Io } from './io.ts';

/**
 * Asks for the password of each, on standard error, and shows nothing of the answers; an empty answer is the one
 * before. Where standard input is no terminal its lines are the answers.
 */
export async function askPasswords(
  whose: readonly string[],
  { stdin = process.stdin, stderr }: Io,
): Promise<string[]> {
  const terminal = stdin.isTTY === true;
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: nowhere, terminal });
  // As if the terminal were not held for the answer.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  const answers = lines[Symbol.asyncIterator]();
  const passwords: string[] = [];
  try {
    for (const who of whose) {
      const last = passwords.at(-1);
      if (terminal) stderr.write(`Password of ${who}${last === undefined ? '' : ' (Enter: the same)'}: `);
      const { value, done } = await answers.next();
      if (terminal) stderr.write('\n');
      passwords.push((done === true ? '' : value) || (last ?? ''));
    }
    return passwords;
  } finally {
    lines.close();
  }
}
