import { expect, test } from 'vitest';
import { executed } from '../../support/servers-that-answer.ts';
import { a, at, between, signal } from './between.ts';

const committing = (counted: string, owned: string) => [{ ...executed(counted)[0]!, owned }];

test('what a source is committing is to be waited for, since it may be seen there already', async () => {
  const source = { gtid_executed: committing(`${a}:1-5`, `${a}:7#12:6#15`) };
  const { barrier } = between(source, { gtid_executed: executed(`${a}:1-5`) });
  const position = await barrier.sourcePosition(signal);
  expect(position).toEqual({ ...at(`${a}:1-7`), committing: `${a}:6-7` });
  await expect(barrier.untilTargetHas(position, signal)).rejects.toThrow(
    `b did not apply the source's position ${a}:1-7 (${a}:6-7 was still being committed there) within`,
  );
});

test('what a target is committing proves nothing applied, but is known to have been sent', async () => {
  const source = { gtid_executed: executed(`${a}:1-5`) };
  const { barrier } = between(source, { gtid_executed: committing(`${a}:1-5`, `${a}:6#3`) });
  await expect(barrier.untilTargetHas(at(`${a}:1-6`), signal)).rejects.toThrow('did not apply');
  const reached = await barrier.targetPosition(signal);
  expect(reached).toMatchObject(at(`${a}:1-5`));
  await expect(barrier.untilSourceHas(reached, signal)).rejects.toThrow(
    `a does not show ${a}:6 yet, which b has`,
  );
});
