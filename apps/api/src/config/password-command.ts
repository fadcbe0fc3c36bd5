import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const timeoutMs = 10_000;
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
): Promise<string> {
  try {
    const { stdout } = await run(program, args, {
      cwd: folder,
      timeout: timeoutMs,
      // One that does not end when it is asked to would never be over, and each next attempt would start another.
      killSignal: 'SIGKILL',
      maxBuffer: maxBytes,
    });
    const password = stdout.replace(/(\r?\n)+$/, '');
    if (password !== '') return password;
  } catch (error) {
    // eslint-disable-next-line preserve-caught-error -- the cause has the output
    throw new Error(`the password command ${program} ${ending(error)}`);
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

function ending(error: unknown): string {
  const { code, killed, signal } = error as { code?: string | number; killed?: boolean; signal?: string };
  if (code === 'ENOENT') return 'was not found';
  if (code === 'EACCES') return 'may not be run';
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return 'printed more than a password';
  if (killed) return `did not end within ${timeoutMs / 1000} s`;
  return signal ? `was ended by ${signal}` : `failed (${code ?? 'unknown'})`;
}
