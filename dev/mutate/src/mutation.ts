import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { MutantResult } from '@stryker-mutator/api/core';
import { repository } from './repository.ts';

/** A mutation by where it is and what it makes of what, which stays the same while the lines around it move. */
export interface Mutation {
  /** From the root on. */
  file: string;
  line: number;
  /** On one line. */
  was: string;
  becomes: string;
}

export function mutationOf({ fileName, location: { start, end }, replacement = '' }: MutantResult): Mutation {
  const lines = readFileSync(fileName, 'utf8')
    .split('\n')
    .slice(start.line - 1, end.line);
  const last = lines.length - 1;
  lines[last] = lines[last]!.slice(0, end.column - 1);
  lines[0] = lines[0]!.slice(start.column - 1);
  return {
    file: relative(repository, fileName),
    line: start.line,
    was: oneLine(lines.join('\n')),
    becomes: oneLine(replacement),
  };
}

export function lives({ status }: Pick<MutantResult, 'status'>): boolean {
  return status === 'Survived' || status === 'NoCoverage';
}

export function shown({ file, line, was, becomes }: Mutation): string {
  return `${file}:${line}\n  - ${was}\n  + ${becomes || '(nothing)'}`;
}

/** A file, of which Stryker is told a part as `FILE:LINE:COLUMN-LINE:COLUMN`. */
export function withoutRange(file: string): string {
  return file.replace(/(:\d+){2}-\d+:\d+$/, '');
}

function oneLine(code: string): string {
  return code.replace(/\s+/g, ' ').trim();
}
