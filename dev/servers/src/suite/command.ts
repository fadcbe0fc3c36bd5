import { type ChildProcess, spawn } from 'node:child_process';

const running = new Set<ChildProcess>();

/** Runs a program in the terminal that this one runs in; resolves with its exit code. */
export function command(program: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: repository,
      stdio: ['ignore', 'inherit', 'inherit'],
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

/** Passes a signal on to whatever `command` has running. */
export function interrupt(signal: NodeJS.Signals): void {
  for (const child of running) child.kill(signal);
}

export const repository = new URL('../../../..', import.meta.url).pathname;
