import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type CheckKind, fromBody, toBody, type UnfinishedCheck } from '@lockstep/checks';
import { UsageError } from './io.ts';

interface Content {
  lockstep: 'check';
  version: 1;
  /** By what they are checks of. */
  checks: Record<string, UnfinishedCheck>;
}

const everyMs = 5000;

/**
 * What `check --state` leaves for its next call: a file that only its owner can read, for it shows rows. It is written
 * while the check goes on too, so that whatever ends it costs a few seconds. Where it cannot be written any more that
 * costs the next call, and neither the check nor its report.
 */
export class CheckState {
  readonly #file: string;
  readonly #checks: Map<string, UnfinishedCheck>;
  readonly #say: (sentence: string) => void;
  #written = 0;
  #unwritten = false;

  /** Throws UsageError when the file is another, or cannot be written. `say`: what goes wrong with it later. */
  constructor(file: string, say: (sentence: string) => void) {
    this.#file = file;
    this.#say = say;
    this.#checks = new Map(Object.entries(read(file)));
    try {
      this.#write();
    } catch (error) {
      throw new UsageError(`--state ${file}: ${(error as Error).message}`);
    }
  }

  /** What is left of it; null when nothing is. */
  of(...key: CheckKey): UnfinishedCheck | null {
    return this.#checks.get(JSON.stringify(key)) ?? null;
  }

  /** `left`: made only when it is written. */
  keep(key: CheckKey, left: () => UnfinishedCheck, now = false): void {
    if (!now && performance.now() - this.#written < everyMs) return;
    this.#checks.set(JSON.stringify(key), left());
    try {
      this.#write();
      this.#unwritten = false;
    } catch (error) {
      if (!this.#unwritten) this.#trouble('written', 'it is tried again', error);
      this.#unwritten = true;
      this.#written = performance.now();
    }
  }

  /** The file has what was last to be kept. */
  get isKept(): boolean {
    return !this.#unwritten;
  }

  /** Everything was done. */
  remove(): void {
    try {
      rmSync(this.#file, { force: true });
    } catch (error) {
      this.#trouble('removed', 'remove it, or the next call goes on with this check', error);
    }
  }

  #trouble(done: string, then: string, error: unknown): void {
    this.#say(`--state ${this.#file} could not be ${done}: ${(error as Error).message}; ${then}`);
  }

  #write(): void {
    const content: Content = { lockstep: 'check', version: 1, checks: Object.fromEntries(this.#checks) };
    const beside = `${this.#file}.new`;
    writeFileSync(beside, toBody(content), { mode: 0o600 });
    renameSync(beside, this.#file);
    this.#written = performance.now();
  }
}

/** `only`: the tables that were asked for by name; null for those that the pair selects. */
export type CheckKey = [pair: string, check: CheckKind, only: unknown];

function read(file: string): Content['checks'] {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new UsageError(`--state ${file}: ${(error as Error).message}`);
  }
  try {
    const content = fromBody<Partial<Content>>(text);
    if (content.lockstep === 'check' && content.version === 1 && content.checks) return content.checks;
  } catch {
    // Said below.
  }
  throw new UsageError(`--state ${file}: this is not what a check has left; give another file, or remove it`);
}
