import { startPair } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { watchLag } from '../support/lag-watch.ts';

/** Far more than a sentence holds. */
const names = Array.from({ length: 80 }, (_, i) => `table_with_a_rather_long_name_${i}`);
const listed = names.map((name) => `shop.${name}`);

describe.each(flavours)('on %s', (flavour) => {
  const stop = flavour === 'mysql' ? 'STOP REPLICA' : 'STOP SLAVE';
  const start = flavour === 'mysql' ? 'START REPLICA' : 'START SLAVE';
  const set = (filter: string) =>
    flavour === 'mysql'
      ? `CHANGE REPLICATION FILTER replicate_${filter}_table = (${listed.join(', ')})`
      : `SET GLOBAL replicate_${filter}_table = '${listed.join(',')}'`;

  test.each(['do', 'ignore'])(
    'a filter that names very many tables (%s) is obeyed to its last one',
    async (filter) => {
      await using pair = await startPair({ flavour });
      await pair.target.query(stop);
      await pair.target.query(set(filter));
      await pair.target.query(start);
      await using watch = watchLag({ source: pair.source, target: pair.target });
      const leavesOut = (table: string) =>
        watch.service.route('pair')?.leavesOut?.({ schema: 'shop', table }) ?? null;
      const kept = filter === 'do' ? names : ['another'];
      const left = filter === 'do' ? ['another'] : names;
      await vi.waitFor(() => expect(leavesOut(left[0]!)).not.toBeNull(), patient);
      expect(kept.filter((name) => leavesOut(name) !== null)).toEqual([]);
      expect(left.filter((name) => leavesOut(name) === null)).toEqual([]);
      // It is told in a sentence, all the same.
      expect(leavesOut(left[0]!)?.length).toBeLessThan(1_100);
    },
  );
});
