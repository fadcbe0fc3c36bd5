import { type ChildProcess, spawn } from 'node:child_process';
import { whenListened } from '@lockstep/checks';
import { Places } from './places.ts';

/** Of a program that printed nothing that could be used: what became of it. */
export class NotPrinted extends Error {
  override name = 'NotPrinted';
  /** It had to be ended. */
  readonly isLate: boolean;

  constructor(message: string, isLate = false) {
    super(message);
    this.isLate = isLate;
  }
}

export interface Bounds {
  folder: string;
  timeoutMs: number;
  maxBytes: number;
}

/**
 * So many begin at a time, whoever asks. Hundreds of servers ask at once, at the start for one, and programs that fetch
 * tokens are of the kind that takes a second of a processor and a hundred megabytes. One that hangs is in nobody's way.
 */
const places = new Places(8, 2_000);

/** Those that have not ended yet: they end with this process. */
const begun = new Set<ChildProcess>();

/**
 * What a program prints, without a shell. Whatever it started itself ends with it where it is late, or prints too much:
 * a script waits for what it calls, and of that one more would stay with each attempt. One that `wasLate` before lets
 * others begin first. Rejects with NotPrinted.
 */
export async function printedBy(
  program: string,
  args: readonly string[],
  bounds: Bounds,
  { wasLate = false } = {},
): Promise<string> {
  const leave = await places.enter(wasLate ? 'slow' : 'quick');
  try {
    return await run(program, args, bounds);
  } finally {
    leave();
  }
}

function run(
  program: string,
  args: readonly string[],
  { folder, timeoutMs, maxBytes }: Bounds,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child: ChildProcess = spawn(program, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
    windowsHide: true,
    detached: hasGroups,
  });
  if (begun.size === 0) process.on('exit', endAll);
  begun.add(child);
  const chunks: Buffer[] = [];
  let bytes = 0;
  const giveUp = (why: string) => {
    reject(new NotPrinted(why, true));
    end(child);
  };
  const callOff = whenListened(timeoutMs, () => giveUp(`did not end within ${timeoutMs / 1000} s`));
  const over = () => {
    callOff();
    begun.delete(child);
    if (begun.size === 0) process.off('exit', endAll);
  };
  // Where this process may open no more files there is none, and only then the error.
  child.stdout?.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
    else giveUp('printed more than a password');
  });
  child.on('error', (error: NodeJS.ErrnoException) => {
    over();
    reject(new NotPrinted(notBegun(error)));
  });
  child.on('close', (code, signal) => {
    over();
    if (code === 0) resolve(Buffer.concat(chunks).toString());
    else reject(new NotPrinted(signal ? `was ended by ${signal}` : `failed (${code ?? 'unknown'})`));
  });
  return promise;
}

/** Elsewhere a program cannot be ended together with what it started. */
const hasGroups = process.platform !== 'win32';

/** One that does not end when it is asked to would never be over: it is not asked. */
function end(child: ChildProcess): void {
  // Somebody who left its group may hold it open.
  child.stdout?.destroy();
  try {
    if (hasGroups && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    // It has ended just now, with all that it started.
  }
}

function endAll(): void {
  for (const child of begun) end(child);
}

function notBegun({ code }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'was not found';
  return code === 'EACCES' ? 'may not be run' : `failed (${code ?? 'unknown'})`;
}
