import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const BIN = fileURLToPath(new URL('../../bin/lockstep.mjs', import.meta.url));

/** A process of the test's own; ends with the test at the latest. */
export class Program {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;

  constructor(node: string, args: readonly string[], env: Record<string, string> = {}) {
    const { LOCKSTEP_TEST_SERVERS: _, ...inherited } = process.env;
    this.child = spawn(node, args, { env: { ...inherited, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    this.child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.ended = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code, signal) => resolve(code ?? signal ?? 0));
    });
    onTestFinished(() => void this.child.kill('SIGKILL'));
  }
}

/** `lockstep …`, as a user would start it. */
export const lockstep = (args: readonly string[], env?: Record<string, string>): Program =>
  new Program(process.execPath, [BIN, ...args], env);
