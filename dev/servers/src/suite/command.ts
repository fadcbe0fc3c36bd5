import { type ChildProcess, spawn } from 'node:child_process';

const running = new Set<ChildProcess>();

export interface CommandOptions {
  /** The repository's root when left out. */
  cwd?: string;
  /** Whether it reads what is typed. */
  interactive?: boolean;
}

/** Runs a program in the terminal that this one runs in; resolves with its exit code. */
export function command(
  program: string,
  args: string[],
  env: NodeJS.ProcessEnv = {},
  { cwd = repository, interactive = false }: CommandOptions = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      stdio: [interactive ? 'inherit' : 'ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...env },
    });
    running.add(child);
    child.once('error', reject);
    child.once('exit', (code) => {
      running.delete(child);
      resolve(code ?? 1);
    });
  });
}

/** Ends this program, and whatever `command` has running, on a signal, or when whoever started it has gone. */
export function endOnSignals(): void {
  const stop = (signal: NodeJS.Signals) => {
    for (const child of running) child.kill(signal);
    // Servers end with this process.
    process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop(signal));
  // Only where there is a channel to tell.
  process.once('disconnect', () => stop('SIGTERM'));
}

export const repository = new URL('../../../..', import.meta.url).pathname;
