import type { Run } from '@lockstep/checks';
import { printable } from '../printable.ts';
import type { Io } from './io.ts';

/** One line at the foot of a terminal that follows a run; nothing where standard error is no terminal. */
export class ProgressLine implements Disposable {
  readonly #stderr: Io['stderr'];

  constructor(stderr: Io['stderr']) {
    this.#stderr = stderr;
  }

  show(run: Run): void {
    if (!this.#stderr.isTTY) return;
    const text = printable(progressText(run)).slice(0, (this.#stderr.columns ?? 80) - 1);
    this.#stderr.write(`\r\u001b[K${text}`);
  }

  [Symbol.dispose](): void {
    if (this.#stderr.isTTY) this.#stderr.write('\r\u001b[K');
  }
}

export function progressText({ pair, state, evidence, progress }: Run): string {
  if (state !== 'running') return `${pair}: ${evidence}`;
  const { tablesDone, tablesTotal, rowsDone, rowsEstimated, rowsPerSecond, remainingMs, current } = progress;
  const share = rowsEstimated > 0 ? Math.min(99, Math.floor((rowsDone / rowsEstimated) * 100)) : 0;
  const parts = [
    `${tablesDone} of ${tablesTotal} tables`,
    `${share} %`,
    `${rowsPerSecond.toLocaleString('en', { notation: 'compact' })} rows/s`,
    remainingMs === null ? '' : `about ${Math.ceil(remainingMs / 1000)} s left`,
    current ?? '',
  ];
  return `${pair}: ${parts.filter((part) => part !== '').join(' · ')}`;
}
