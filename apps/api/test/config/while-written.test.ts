import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { inVainMs } from '@lockstep/servers/patience';
import { expect, test } from 'vitest';
import { formatProblem, loadConfigMeanwhile } from '../../src/config/index.ts';
import { MINIMAL, writeFiles } from './write.ts';

const pairs = (result: Awaited<ReturnType<typeof loadConfigMeanwhile>>) =>
  result.ok ? result.config.engine.pairs.map(({ name }) => name) : result.problems.map(formatProblem);

/** Writes some of a file, again and again, until it is called off. */
function writing(file: string): () => void {
  const timer = setInterval(() => appendFileSync(file, '# more is to come\n'), 20);
  return () => clearInterval(timer);
}

test('of a configuration that is being written nothing is taken up before it is whole', async () => {
  const file = join(writeFiles({ 'lockstep.yaml': MINIMAL }), 'lockstep.yaml');
  const ended = writing(file);
  const loading = loadConfigMeanwhile(file, {});
  await delay(inVainMs);
  ended();
  appendFileSync(file, '  - source: db2\n    target: db1\n');
  expect(pairs(await loading)).toEqual(['db1-db2', 'db2-db1']);
});

test('a configuration that is written without an end is refused', async () => {
  const file = join(writeFiles({ 'lockstep.yaml': MINIMAL }), 'lockstep.yaml');
  const ended = writing(file);
  const result = await loadConfigMeanwhile(file, {});
  ended();
  expect(pairs(result)).toEqual([`${file}: is being written: take it up once it is whole`]);
});
