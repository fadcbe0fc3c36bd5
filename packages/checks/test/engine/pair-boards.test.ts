import { expect, test } from 'vitest';
import { PairBoards } from '../../src/engine/pair-boards.ts';
import { tempFile } from '../storage/fixtures.ts';
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
