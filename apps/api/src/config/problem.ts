import { printable } from '../printable.ts';
import { type Path, showPath } from './path.ts';

/** Where a value stands: in the file, or in an environment variable. Lines and columns count from 1. */
export type Place = { file: string; line: number; column: number } | { file: string } | { variable: string };

/** One thing wrong with the configuration, complete enough to be mended without looking anything up. */
export interface Problem {
  place: Place;
  path: Path;
  /** What was found and what is expected; never a secret. */
  message: string;
}

/** Of more nobody makes sense; and each of the hundred thousand of a file that is none of ours would take its time. */
const mostProblems = 100;

/** As many as are told, and one more where there are more. */
export function* few<Item>(items: Iterable<Item>): Generator<Item, void, undefined> {
  let left = mostProblems + 1;
  for (const item of items) {
    yield item;
    left--;
    if (left === 0) return;
  }
}

/** In the order of the file, then the environment; each said once, and of very many the first. */
export function toldOf(problems: readonly Problem[], file: string): Problem[] {
  const sorted = sortProblems(problems);
  if (sorted.length <= mostProblems) return sorted;
  const message = `and more: the first ${mostProblems} problems are told`;
  return [...sorted.slice(0, mostProblems), { place: { file }, path: [], message }];
}

/** `lockstep.yaml:7:11: servers.db1.port: expected …, found …` */
export function formatProblem({ place, path, message }: Problem): string {
  const parts = [showPlace(place), showPath(path), message];
  return printable(parts.filter((part) => part !== '').join(': '));
}

export function showPlace(place: Place): string {
  if ('variable' in place) return `environment variable ${place.variable}`;
  return 'line' in place ? `${place.file}:${place.line}:${place.column}` : place.file;
}

function sortProblems(problems: readonly Problem[]): Problem[] {
  const said = new Set<string>();
  return problems
    .filter((problem) => {
      const text = formatProblem(problem);
      return !said.has(text) && said.add(text);
    })
    .sort((a, b) => line(a.place) - line(b.place) || column(a.place) - column(b.place));
}

const line = (place: Place) => ('line' in place ? place.line : 'variable' in place ? Infinity : 0);
const column = (place: Place) => ('line' in place ? place.column : 0);
