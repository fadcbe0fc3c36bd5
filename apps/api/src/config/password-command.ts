import { NotPrinted, printedBy } from './printed-by.ts';

const longestMs = 10_000;
const maxBytes = 64 * 1024;
/** Tokens live for minutes, and connections may be opened several at once. */
const keptMs = 30_000;

/**
 * The password that a program prints, without a shell. What it prints is never told, on whichever stream: rejects with
 * how it ended.
 */
export async function passwordFromCommand(
  [program = '', ...args]: string[],
  folder: string,
  timeoutMs = longestMs,
): Promise<string> {
  try {
    const printed = await printedBy(program, args, { folder, timeoutMs, maxBytes });
    const password = printed.replace(/(\r?\n)+$/, '');
    if (password !== '') return password;
  } catch (error) {
    const ended = error instanceof NotPrinted ? error.message : `failed (${codeOf(error)})`;
    // eslint-disable-next-line preserve-caught-error -- what the system says may have its arguments
    throw new Error(`the password command ${program} ${ended}`);
  }
  throw new Error(`the password command ${program} printed nothing`);
}

/** The same, asked for once by all who ask within a short time. */
export function passwordCommand(command: string[], folder: string): () => Promise<string> {
  let last: { at: number; password: Promise<string> } | null = null;
  return () => {
    const now = performance.now();
    if (last && now - last.at < keptMs) return last.password;
    const asked = { at: now, password: passwordFromCommand(command, folder) };
    last = asked;
    asked.password.catch(() => {
      if (last === asked) last = null;
    });
    return asked.password;
  };
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code ?? 'unknown');
}
