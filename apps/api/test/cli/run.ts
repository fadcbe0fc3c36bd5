import { type Readable, Writable } from 'node:stream';
import type { Verify } from '../../src/cli/check.ts';
import { runCli } from '../../src/cli/run.ts';

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command line in this process. */
export async function cli(
  argv: string[],
  {
    env = {},
    verify,
    terminal = false,
    onTerminal = false,
    stdin,
  }: {
    env?: Record<string, string>;
    verify?: Verify;
    terminal?: boolean;
    onTerminal?: boolean;
    stdin?: Readable;
  } = {},
): Promise<Ran> {
  const [stdout, stderr] = [new Captured(), new Captured()];
  stderr.isTTY = terminal;
  stdout.isTTY = onTerminal;
  const code = await runCli(argv, { stdout, stderr, env, ...(stdin && { stdin }) }, verify);
  return { code, stdout: stdout.text, stderr: stderr.text };
}

class Captured extends Writable {
  text = '';
  isTTY = false;
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
