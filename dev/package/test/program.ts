import { type ChildProcess, spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';

interface Place {
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** What it reads from standard input. */
  input?: string;
}

/** A process of the test's own; ends with the test at the latest. */
export class Program {
  stdout = '';
  stderr = '';
  readonly #child: ChildProcess;
  readonly #code: Promise<number | NodeJS.Signals>;

  constructor(program: string, args: readonly string[], { input = '', ...place }: Place) {
    const child = spawn(program, args, { ...place, stdio: 'pipe' });
    child.stdin.end(input);
    child.stdout.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.#child = child;
    this.#code = new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => resolve(code ?? signal ?? 0));
    });
    onTestFinished(() => void child.kill('SIGKILL'));
  }

  end(): void {
    this.#child.kill('SIGTERM');
  }

  /** When it has ended: its exit code, or the signal that ended it, and what it said. */
  async result(): Promise<{ code: number | NodeJS.Signals; stdout: string; stderr: string }> {
    const code = await this.#code;
    return { code, stdout: this.stdout, stderr: this.stderr };
  }
}
