import { atLeast, type Figure, plainFigure } from '../../report/figure.ts';
import { median } from '../../report/statistics.ts';
import { milliseconds, plain } from '../../report/units.ts';
import { categories, type Category, type Looked, type Report, samePhone } from './program.ts';

const wanted: Record<Category, number> = {
  performance: 0.9,
  accessibility: 1,
  'best-practices': 1,
  seo: 1,
};
const times = {
  'first-contentful-paint': 'first paint of content',
  'largest-contentful-paint': 'largest paint of content',
  'total-blocking-time': 'blocked in all',
  'speed-index': 'speed index',
};
const score = (value: number) => value.toFixed(2);

/** Medians of what several looks at the same screen say. */
export function judged(looks: readonly Looked[]): Figure[] {
  const over = (of: (report: Report) => number | null | undefined, reports = looks.map(byDefault)) =>
    median(reports.map((report) => of(report) ?? NaN));
  const slower = median(looks.map((look) => look.slower));
  return [
    ...categories.map((name) =>
      atLeast(
        `${name}, median of ${looks.length}`,
        over(({ categories }) => categories[name].score),
        wanted[name],
        score,
      ),
    ),
    ...Object.entries(times).map(([id, words]) =>
      plainFigure(`  ${words}`, milliseconds(over(({ audits }) => audits[id]?.numericValue))),
    ),
    plainFigure(
      '  shift of what stands',
      over(({ audits }) => audits['cumulative-layout-shift']?.numericValue).toFixed(3),
    ),
    plainFigure('benchmark index', plain(Math.round(over(({ environment }) => environment.benchmarkIndex)))),
    plainFigure(
      `performance on a phone of index ${Math.round(samePhone)}, ${slower.toFixed(1)} × as slow as this machine`,
      score(
        over(
          ({ categories }) => categories.performance.score,
          looks.map(({ onSamePhone }) => onSamePhone),
        ),
      ),
    ),
  ];
}

const byDefault = ({ asEverywhere }: Looked) => asEverywhere;

/** What Lighthouse would have otherwise, in its words, each once; of speed only what it counts as a fault. */
export function complaints(reports: readonly Report[]): string[] {
  const said = new Set<string>();
  for (const { categories: judgedBy, audits } of reports) {
    for (const name of categories) {
      for (const { id } of judgedBy[name].auditRefs) {
        const audit = audits[id];
        if (!audit || audit.score === null || audit.scoreDisplayMode === 'informative') continue;
        if (audit.score < (name === 'performance' ? 0.9 : 1) && !(id in times)) {
          said.add(`${name}: ${audit.title} (${id}${audit.displayValue ? `, ${audit.displayValue}` : ''})`);
        }
      }
    }
  }
  return [...said];
}
