import { spawn } from 'node:child_process';

/**
 * Waits for its standard input to end, which the kernel sees to however the parent dies, then kills the process whose
 * number is in the folder and removes the folder. What was killed may still be dying: the removal is tried again.
 */
const script = `
read -r _
[ -s "$1/pid" ] && kill -9 "$(cat "$1/pid")" 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10; do rm -rf "$1" 2>/dev/null; [ -e "$1" ] || exit 0; sleep 0.2; done
`;

export interface Guardian {
  /** Ends the process and removes the folder now; resolves when both are gone. */
  finish(): Promise<void>;
}

/**
 * A small shell that outlives this process by a moment, to clean up after it: no signal handler can, after a kill -9.
 * It is in a session of its own, so that Ctrl-C in the terminal does not reach it.
 */
export function guard(folder: string): Guardian {
  const child = spawn('/bin/sh', ['-c', script, 'lockstep-guardian', folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const { stdin } = child;
  const gone = new Promise<void>((resolve) =>
    child.once('exit', () => resolve()).once('error', () => resolve()),
  );
  child.unref();
  (stdin as unknown as { unref(): void }).unref();
  return {
    async finish() {
      child.ref();
      stdin.end();
      await gone;
    },
  };
}
