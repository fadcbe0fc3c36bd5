import { printTable } from './table.ts';

/** One thing that was measured, with what it is meant to be. */
export interface Figure {
  what: string;
  value: string;
  /** Null where there is no target, only something to know. */
  target: { text: string; met: boolean } | null;
}

export function plainFigure(what: string, value: string): Figure {
  return { what, value, target: null };
}

/** NaN, nothing measured, meets no target. */
export function atMost(what: string, value: number, limit: number, unit: (value: number) => string): Figure {
  return { what, value: unit(value), target: { text: `≤ ${unit(limit)}`, met: value <= limit } };
}

export function atLeast(what: string, value: number, limit: number, unit: (value: number) => string): Figure {
  return { what, value: unit(value), target: { text: `≥ ${unit(limit)}`, met: value >= limit } };
}

export function below(what: string, value: number, limit: number, unit: (value: number) => string): Figure {
  return { what, value: unit(value), target: { text: `< ${unit(limit)}`, met: value < limit } };
}

export function exactly(what: string, value: number, wanted: number): Figure {
  return { what, value: String(value), target: { text: `= ${wanted}`, met: value === wanted } };
}

let missed = 0;

export function printFigures(title: string, figures: readonly Figure[]): void {
  missed += figures.filter(({ target }) => target && !target.met).length;
  console.log(`\n${title}`);
  printTable(
    ['', 'measured', 'target', ''],
    figures.map(({ what, value, target }) => [
      what,
      value,
      target?.text ?? '',
      target ? (target.met ? 'PASS' : 'MISS') : '',
    ]),
  );
}

/** For targets that are printed in tables of their own. */
export function countMissed(): void {
  missed++;
}

/** How many targets were missed in all that was printed. */
export function missedTargets(): number {
  return missed;
}
