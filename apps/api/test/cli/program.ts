import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const BIN = fileURLToPath(new URL('../../bin/lockstep.mjs', import.meta.url));

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

/** A process of the test's own; ends with the test at the latest. */
export class Program {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;

  constructor(node: string, args: readonly string[], env: Record<string, string> = {}) {
    const { LOCKSTEP_TEST_SERVERS: _, ...inherited } = process.env;
    // A group of its own, so that at the end nothing is left of it, whoever its parent is by then.
    this.child = spawn(node, args, {
      env: { ...inherited, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      cwd: ROOT,
      detached: true,
    });
    this.child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.ended = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code, signal) => resolve(code ?? signal ?? 0));
    });
    onTestFinished(() => {
      try {
        if (this.child.pid) process.kill(-this.child.pid, 'SIGKILL');
      } catch {
        // It has ended.
      }
    });
  }
}

/** `lockstep …`, as a user would start it. */
export const lockstep = (args: readonly string[], env?: Record<string, string>): Program =>
  new Program(process.execPath, [BIN, ...args], env);
