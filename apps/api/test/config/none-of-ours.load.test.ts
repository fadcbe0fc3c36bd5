import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatProblem, loadConfigMeanwhile } from '../../src/config/index.ts';
import { writeFiles } from './write.ts';

const many = 60_000;
const each = (entry: (n: number) => string, between: string) =>
  Array.from({ length: many }, (_, n) => entry(n)).join(between);

test.each([
  ['a map of a hundred thousand settings', each((n) => `key${n}: ${n}`, '\n')],
  ['JSON of another program', `{"rows": {${each((n) => `"${n}": {}`, ',')}}}`],
  ['servers without anything', `servers: {${each((n) => `a${n}: {}`, ',')}}\npairs: []`],
  ['variables that nobody set', `{${each((n) => `"${n}": "\${V}"`, ',')}}`],
  ['settings that stand there twice', each((n) => `key${n % 10}: 1`, '\n')],
  ['no YAML', each(() => '}]: [{', '\n')],
])('a file that is none of ours is refused in few words, and soon: %s', async (_, content) => {
  const folder = writeFiles({ 'lockstep.yaml': content });
  const result = await loadConfigMeanwhile(join(folder, 'lockstep.yaml'), {});
  expect(result.ok).toBe(false);
  const problems = result.ok ? [] : result.problems.map(formatProblem);
  expect(problems.length).toBeLessThanOrEqual(101);
});
