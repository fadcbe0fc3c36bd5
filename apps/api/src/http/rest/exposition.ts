import { turns } from '../../turns.ts';

export type Labels = Record<string, string>;
/** A value that is not known is left out: a scraper would take any number for true. */
export type Sample = [labels: Labels, value: number | null];

type Type = 'gauge' | 'counter' | 'summary';

/**
 * Of one metric. What is configured stays far below it; channels and alerts are as many as servers make them, and each
 * of their series costs a scraper memory for hours.
 */
export const mostSeries = 5_000;

/** So many lines are written before others have their turns. */
const atOnce = 500;

interface Family {
  head: string;
  name: string;
  known: readonly Sample[];
}

/** Prometheus' text format of the metrics that are added. */
export class Exposition {
  readonly #families: Family[] = [];
  readonly #leftOut: Sample[] = [];

  /** Nothing is said of a metric that has no known value. */
  add(name: string, type: Type, help: string, samples: readonly Sample[]): void {
    const known = samples.filter(([, value]) => value !== null);
    if (known.length === 0) return;
    this.#families.push({ head: `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`, name, known });
  }

  /** The same, at most `mostSeries` of them, the first; how many are left out is told by `end`. */
  addBounded(name: string, type: Type, help: string, samples: readonly Sample[]): void {
    const known = samples.filter(([, value]) => value !== null);
    this.add(name, type, help, known.slice(0, mostSeries));
    this.#leftOut.push([{ metric: name }, Math.max(0, known.length - mostSeries)]);
  }

  /** `quantiles` of a while, `sum` and `count` since the start. */
  addSummary(
    name: string,
    help: string,
    quantiles: Record<string, number>,
    { sum, count }: { sum: number; count: number },
  ): void {
    this.add(
      name,
      'summary',
      help,
      Object.entries(quantiles).map(([quantile, value]): Sample => [{ quantile }, value]),
    );
    if (Object.keys(quantiles).length === 0) return;
    for (const [part, value] of Object.entries({ sum, count })) {
      this.#families.push({ head: '', name: `${name}_${part}`, known: [[{}, value]] });
    }
  }

  /** Written in slices. */
  async end(): Promise<string> {
    this.add(
      'lockstep_series_left_out',
      'gauge',
      `Series of a metric beyond ${mostSeries}, which are not told; the worst and what is compared come first.`,
      this.#leftOut,
    );
    const pieces: string[] = [];
    for (const { head, name, known } of this.#families) {
      pieces.push(head);
      for (let i = 0; i < known.length; i += atOnce) {
        const lines = known
          .slice(i, i + atOnce)
          .map(([labels, value]) => `${name}${shown(labels)} ${value}\n`);
        pieces.push(lines.join(''));
        if (turns.exhausted()) await turns.next();
      }
    }
    return pieces.join('');
  }
}

export function seconds(ms: number | null | undefined): number | null {
  return ms == null ? null : ms / 1000;
}

function shown(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}
