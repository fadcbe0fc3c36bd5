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
  { timeoutMs = longestMs, wasLate = false } = {},
): Promise<string> {
  try {
    const printed = await printedBy(program, args, { folder, timeoutMs, maxBytes }, { wasLate });
    const password = printed.replace(/(\r?\n)+$/, '');
    if (password !== '') return password;
  } catch (error) {
    const [ended, isLate] =
      error instanceof NotPrinted ? [error.message, error.isLate] : [`failed (${codeOf(error)})`, false];
    // What the system says may have the command's arguments.
    throw Object.assign(new Error(`the password command ${program} ${ended}`), { isLate });
  }
  throw new Error(`the password command ${program} printed nothing`);
}

/** The same, asked for once by all who ask within a short time. */
export function passwordCommand(command: string[], folder: string): () => Promise<string> {
  let last: { at: number; password: Promise<string> } | null = null;
  let wasLate = false;
  return () => {
    const now = performance.now();
    if (last && now - last.at < keptMs) return last.password;
    const asked = { at: now, password: passwordFromCommand(command, folder, { wasLate }) };
    last = asked;
    asked.password.then(
      () => (wasLate = false),
      (error: unknown) => {
        wasLate = (error as { isLate?: boolean }).isLate === true;
        if (last === asked) last = null;
      },
    );
    return asked.password;
  };
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code ?? 'unknown');
}
