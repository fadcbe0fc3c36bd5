import { expect, test } from 'vitest';
import { recallRuns } from '../../src/engine/interrupted-runs.ts';
import { PairBoards } from '../../src/engine/pair-boards.ts';
import { result, run, START, tempFile } from '../storage/fixtures.ts';
import { hang, hangingThread, inThread } from '../storage/in-thread.ts';
import { pairConfig } from '../support/config.ts';

test('a paused pair stays paused when it is changed while the history cannot be read', async () => {
  const file = tempFile();
  const storage = await inThread(file, { program: hangingThread });
  const config = pairConfig([]);
  const boards = new PairBoards([config], storage);
  boards.get(config.name).paused = true;
  hang(file);
  boards.arrange([{ ...config }], new Set([config.name]));
  expect(boards.get(config.name).paused).toBe(true);
});

test('what is known of the tables and runs of a pair stays known when it is changed while the history cannot be read', async () => {
  const file = tempFile();
  const storage = await inThread(file, { program: hangingThread });
  const config = pairConfig(['shop.*']);
  const boards = new PairBoards([config], storage);
  const before = boards.get(config.name);
  before.tables.record(result('r', START, { pair: config.name, verdict: 'DIFFERENT' }));
  before.ended(run('r', START, { pair: config.name, only: null }));
  const left = { run: run('left', START, { check: 'consistency' }), done: [], checkpoint: null };
  before.interrupted.set('consistency', left);
  hang(file);
  const [board] = boards.arrange([{ ...config }], new Set([config.name]));
  recallRuns(board!, storage, before);
  expect(board?.tables.counts()).toMatchObject({ total: 1, different: 1 });
  expect(board?.lastRuns.checksum?.id).toBe('r');
  expect(board?.interrupted.get('consistency')).toBe(left);
});
