import { expect, test } from 'vitest';
import { GoneBack } from '../../src/lag/gone-back.ts';
import type { Position } from '../../src/position/position.ts';

const source = '11111111-1111-1111-1111-111111111111';
const own = '22222222-2222-2222-2222-222222222222';
const at = (text: string): Position => ({ kind: 'mysql-gtid', text });

test('what of its own a target does not have any more is not told of as lost once it has all that its source has', () => {
  const back = new GoneBack();
  back.see(at(`${source}:1-9,${own}:1-5`), true);
  back.see(at(''), false);
  expect(back.lost).toMatch(/^it had .*:1-9,.* before, and has nothing now/);
  back.see(at(`${source}:1-9`), true);
  expect(back.lost).toBeNull();
  back.see(at(`${source}:1-9`), false);
  expect(back.lost).toBeNull();
});
