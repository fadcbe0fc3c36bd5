import { expect, test } from 'vitest';
import { openFilesLimit, roomInFiles } from '../../src/http/guard/room-in-files.ts';

const wanted = { served: 1_000, waiting: 1_000 };

test('where many files may be open, as many sockets are as are wanted', () => {
  expect(roomInFiles(wanted, 20, 20_000)).toEqual(wanted);
  expect(roomInFiles(wanted, 20, Infinity)).toEqual(wanted);
});

test('where few may be, those that measuring needs are set aside, and the rest is shared', () => {
  expect(roomInFiles(wanted, 20, 1_024)).toEqual({ served: 350, waiting: 350 });
  expect(roomInFiles({ served: 10, waiting: 1_000 }, 20, 1_024)).toEqual({ served: 10, waiting: 350 });
});

test('where measuring needs all of them, somebody is let in even so', () => {
  expect(roomInFiles(wanted, 1_000, 1_024)).toEqual({ served: 1, waiting: 1 });
});

test.runIf(process.platform === 'linux')('the limit is the one that this process has', () => {
  expect(openFilesLimit()).toBeGreaterThan(200);
});
