import { expect, test } from 'vitest';
import { outOfOrder } from '../../src/position/out-of-order.ts';
import type { Position } from '../../src/position/position.ts';
import { channel } from '../support/replication.ts';

const parallel = channel({ usesGtid: true, parallelWorkers: 4, parallelMode: 'optimistic' });
const wrote = (state: string): Position => ({ kind: 'mariadb-gtid', text: '0-1-9', state });
const several = wrote('0-1-9,7-1-2');

test('parallel appliers by GTID take each domain for itself, so their place proves nothing', () => {
  expect(outOfOrder(parallel, several)).toContain('the domains 0 and 7');
});

test.each([
  ['all is in one domain', parallel, wrote('0-1-9,0-2-3')],
  ['nothing is known of the source', parallel, null],
  ['there is one applier', { ...parallel, parallelWorkers: 0 }, several],
  ['the channel goes by file and offset', { ...parallel, usesGtid: false }, several],
  ['they apply nothing out of order', { ...parallel, parallelMode: 'minimal' }, several],
  ['the server knows of no such mode', channel({ parallelWorkers: 4 }), several],
])('it does where %s', (_, its, source) => {
  expect(outOfOrder(its, source)).toBeNull();
});
