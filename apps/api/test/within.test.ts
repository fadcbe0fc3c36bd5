import { expect, test, vi } from 'vitest';
import { within } from '../src/within.ts';

test('work that hangs is not waited for, and that is told', async () => {
  const onLate = vi.fn();
  await within(1, new Promise(() => {}), onLate);
  expect(onLate).toHaveBeenCalledOnce();
});

test('work that ends in time is waited for, and its failure is not lost', async () => {
  const onLate = vi.fn();
  await within(60_000, Promise.resolve(), onLate);
  await expect(within(60_000, Promise.reject(new Error('broken')), onLate)).rejects.toThrow('broken');
  expect(onLate).not.toHaveBeenCalled();
});
