import { describe, expect, test } from 'vitest';
import { contains, countMissing, isForeign, relate } from '../../src/position/contains.ts';
import type { Position } from '../../src/position/position.ts';
import { onlyUnheardOf, whyOpen } from '../../src/position/why-open.ts';

const at = (text: string, more: { own?: string; state?: string } = {}): Position => ({
  kind: 'mariadb-gtid',
  text,
  ...more,
});
const gtidSet: Position = { kind: 'mysql-gtid', text: '' };
const ofCluster = (group: string, seqno: bigint): Position => ({
  kind: 'galera',
  text: `${group}:${seqno}`,
  group,
  seqno,
});
const place: Position = { kind: 'file', text: 'binlog.000001:4', file: 'binlog.000001', offset: 4 };

describe('whose numbers a MariaDB target has', () => {
  test('a transaction of another server counts for what is before it in the source’s history', () => {
    const wanted = at('0-1-10', { state: '0-1-10,0-2-11' });
    expect(relate(at('0-2-11'), wanted)).toBe('has');
    expect(relate(at('0-2-9'), wanted)).toBe('lacks');
    expect(countMissing(at('0-2-9'), wanted)).toBe(1n);
  });

  test('one that is not in the source’s history says nothing, however large', () => {
    const wanted = at('0-1-10', { state: '0-1-10' });
    expect(relate(at('0-3-99'), wanted)).toBe('unknown');
    expect(relate(at('0-3-1'), wanted)).toBe('unknown');
    expect(contains(at('0-3-99'), wanted)).toBe(false);
    expect(countMissing(at('0-3-99'), wanted)).toBeNull();
  });

  test('one that the source has written meanwhile is of its history', () => {
    const wanted = at('0-1-10', { state: '0-1-10' });
    expect(relate(at('0-3-11'), wanted, at('0-3-11', { state: '0-1-10,0-3-11' }))).toBe('has');
    expect(relate(at('0-3-12'), wanted, at('0-3-11', { state: '0-1-10,0-3-11' }))).toBe('unknown');
    expect(relate(at('0-3-11'), wanted, at('0-3-11', { state: '1-3-11,0-1-10' }))).toBe('unknown');
    expect(relate(at('0-3-11'), wanted, gtidSet)).toBe('unknown');
    // It may come with a number that another had.
    expect(relate(at('0-3-10'), wanted, at('0-3-10', { state: '0-1-10,0-3-10' }))).toBe('unknown');
  });

  test('of one writer the numbers tell, whatever the source’s own binlog says of it', () => {
    expect(relate(at('0-1-9'), at('0-1-10'), at('0-1-12', { state: '0-1-12' }))).toBe('lacks');
    // A relay that does not log what it applies.
    expect(relate(at('0-5-9'), at('0-5-10', { state: '' }))).toBe('lacks');
  });

  test('a target at the very place of its source has all of it, whoever wrote it', () => {
    const own = '0-2-50';
    expect(relate(at('0-2-50', { own }), at('0-2-50', { state: '0-1-20' }))).toBe('has');
  });

  test('a binlog that is read in again brings lower numbers behind higher ones, and nothing tells which is there', () => {
    const before = at('0-1-23', { state: '0-4711-4,0-1-23' });
    const wanted = at('0-4711-5', { state: '0-1-23,0-4711-5' });
    const later = at('0-1-24', { state: '0-4711-5,0-1-24' });
    expect(relate(at('0-1-23'), wanted)).toBe('unknown');
    expect(relate(at('0-1-22'), wanted)).toBe('unknown');
    expect(countMissing(at('0-1-23'), wanted)).toBeNull();
    expect(relate(at('0-4711-5'), wanted)).toBe('has');
    expect(relate(at('0-1-24'), wanted, later)).toBe('has');
    expect(relate(at('0-1-23'), wanted, later)).toBe('unknown');
    expect(relate(at('0-4711-5'), later)).toBe('lacks');
    expect(relate(at('0-4711-5'), before, wanted)).toBe('unknown');
    expect(relate(at('0-4711-4'), before, wanted)).toBe('lacks');
    expect(relate(at('0-1-23,1-1-4'), at('0-4711-5,1-1-5', { state: '0-1-23,0-4711-5,1-1-5' }))).toBe(
      'lacks',
    );
    expect(relate(at('0-1-23,1-1-5'), at('0-4711-5,1-1-5', { state: '0-1-23,0-4711-5,1-1-5' }))).toBe(
      'unknown',
    );
  });

  test('a domain that is missing outweighs one that says nothing', () => {
    const wanted = at('0-1-10,1-1-5', { state: '0-1-10,1-1-5' });
    expect(relate(at('0-3-99,1-1-4'), wanted)).toBe('lacks');
    expect(relate(at('0-3-99,1-1-5'), wanted)).toBe('unknown');
  });

  test('of what the target wrote itself, the rest that others wrote must be there', () => {
    const wanted = at('0-2-50', { state: '0-1-20,0-3-30,0-2-50,1-4-99' });
    const own = '0-2-50';
    expect(relate(at('0-3-30', { own }), wanted)).toBe('has');
    expect(relate(at('0-3-29', { own }), wanted)).toBe('lacks');
    expect(relate(at('0-3-29', { own: '0-2-49' }), wanted)).toBe('lacks');
    expect(relate(at('0-3-30', { own: '0-2-49' }), wanted)).toBe('lacks');
    // The others come in no order.
    const otherwise = at('0-2-50', { state: '0-3-30,0-1-20,0-2-50' });
    expect(relate(at('0-3-29', { own }), otherwise)).toBe('lacks');
    expect(relate(at('0-3-30', { own }), otherwise)).toBe('has');
    expect(relate(at('', { own, state: '0-2-50,0-3-30' }), wanted)).toBe('has');
    expect(relate(at('', { own, state: '0-2-50,0-3-29' }), wanted)).toBe('lacks');
    expect(countMissing(at('0-3-28', { own }), wanted)).toBe(2n);
  });

  test('a number that another server has in another domain is no proof', () => {
    expect(relate(at('0-2-50', { own: '1-1-10' }), at('0-1-10', { state: '0-1-10' }))).toBe('unknown');
    expect(relate(at('', { own: '0-2-10' }), at('0-1-10', { state: '0-1-10' }))).toBe('lacks');
  });
});

test('positions of different kinds never have each other, and count nothing', () => {
  const kinds = [gtidSet, place, ofCluster('g', 9n), at('0-1-1')];
  for (const applied of kinds) {
    for (const wanted of kinds) {
      if (applied === wanted) continue;
      expect(relate(applied, wanted)).toBe('lacks');
      expect(countMissing(applied, wanted)).toBeNull();
      expect(whyOpen(applied, wanted)).toBeNull();
      expect(onlyUnheardOf(applied, wanted)).toBe(false);
      expect(isForeign(applied, wanted)).toBe(false);
    }
  }
});

test('the numbers of one cluster tell of each other, those of another history tell nothing', () => {
  const nine = ofCluster('g', 9n);
  expect(relate(nine, ofCluster('g', 9n))).toBe('has');
  expect(relate(nine, ofCluster('g', 3n))).toBe('has');
  expect(relate(nine, ofCluster('g', 12n))).toBe('lacks');
  expect(relate(nine, ofCluster('h', 3n))).toBe('unknown');
  expect(countMissing(nine, ofCluster('g', 12n))).toBe(3n);
  expect(countMissing(nine, ofCluster('g', 3n))).toBe(0n);
  expect(countMissing(nine, ofCluster('h', 12n))).toBeNull();
});

describe('why a domain is open', () => {
  test('there is nothing to say of what is there, or of the one domain that is on its way', () => {
    expect(whyOpen(at('0-1-10'), at('0-1-10'))).toBeNull();
    expect(whyOpen(at('0-1-9'), at('0-1-10'))).toBeNull();
    expect(whyOpen(at(''), at('0-1-10'))).toBeNull();
  });

  test('of several, the one that is behind is named', () => {
    expect(whyOpen(at('0-1-9,1-1-5'), at('0-1-10,1-1-5'))).toBe(
      'in domain 0 it is at 0-1-9, not yet at 0-1-10',
    );
    expect(whyOpen(at('0-1-9,1-1-4'), at('0-1-10,1-1-5'))).toBe(
      'in domain 0 it is at 0-1-9, not yet at 0-1-10; in domain 1 it is at 1-1-4, not yet at 1-1-5',
    );
  });

  test('a domain of which nothing has come, while others have, may be left out in between', () => {
    expect(whyOpen(at('0-1-10'), at('0-1-10,1-1-5'))).toMatch(
      /^of domain 1 it has nothing, while it has of others: .+IGNORE_DOMAIN_IDS.+ 1-1-5 will never come$/,
    );
  });

  test('a writer that is not of the source’s history is named, with the remedy', () => {
    expect(whyOpen(at('0-3-99'), at('0-1-10', { state: '0-1-10' }))).toMatch(
      /^in domain 0 it is at 0-3-99, which is not of the source's history, so whether it has 0-1-10 cannot be told; .+gtid_domain_id/,
    );
  });

  test('where the numbers of a source are out of order, that is said', () => {
    expect(whyOpen(at('0-1-23'), at('0-4711-5', { state: '0-1-23,0-4711-5' }))).toMatch(
      /^in domain 0 it is at 0-1-23, and the numbers of .+ are not in the order .+ whether it has 0-4711-5 cannot be told$/,
    );
  });

  test('only domains that were never heard of are open where every other is there', () => {
    expect(onlyUnheardOf(at('0-1-10'), at('0-1-10,1-1-5'))).toBe(true);
    expect(onlyUnheardOf(at('0-1-9'), at('0-1-10,1-1-5'))).toBe(false);
    expect(onlyUnheardOf(at(''), at('0-1-10'))).toBe(false);
  });
});
