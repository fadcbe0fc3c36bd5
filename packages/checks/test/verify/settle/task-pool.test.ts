import { expect, test } from 'vitest';
import { TaskPool } from '../../../src/verify/settle/task-pool.ts';

/** A task that ends when it is told to. */
function task() {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const begun = { yes: false };
  const run = () => {
    begun.yes = true;
    return promise;
  };
  return { run, begun, end: resolve, fail: reject };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('so many tasks run at once as may, and the next begins when one of them has ended', async () => {
  const pool = new TaskPool(2);
  const tasks = [task(), task(), task()];
  const begins = tasks.map(({ run }) => run).map(async (run) => await pool.begin(run));
  await settled();
  expect(tasks.map(({ begun }) => begun.yes)).toEqual([true, true, false]);
  tasks[1]!.end();
  await Promise.all(begins);
  expect(tasks[2]!.begun.yes).toBe(true);
  let drained = false;
  const drain = pool.drain().then(() => (drained = true));
  tasks[0]!.end();
  await settled();
  expect(drained).toBe(false);
  tasks[2]!.end();
  await drain;
});

test('after a failure no task begins, the others end, and the first failure is what is told', async () => {
  const pool = new TaskPool(2);
  const [first, second, third] = [task(), task(), task()];
  await pool.begin(first.run);
  await pool.begin(second.run);
  first.fail(new Error('the first'));
  await expect(pool.begin(third.run)).rejects.toThrow('the first');
  expect(third.begun.yes).toBe(false);
  second.fail(new Error('the second'));
  await expect(pool.drain()).rejects.toThrow('the first');
});

test('a failure is told as it was, to who begins another task and to who waits for all', async () => {
  const pool = new TaskPool(1);
  const failure = new Error('as it was');
  await pool.begin(() => Promise.reject(failure));
  await expect(pool.begin(() => Promise.resolve())).rejects.toBe(failure);
  await expect(pool.drain()).rejects.toBe(failure);
});
