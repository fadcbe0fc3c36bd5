import { noTables } from '@lockstep/checks';
import { silence } from '@lockstep/fixture';
import type { Scene } from '../scene.ts';
import { ago, ahead, firing, pair, server, table } from '../seed.ts';

const differing = 63;

export const badImport: Scene = {
  shows:
    'One import gone wrong: 63 tables of a pair with labels differ, a third of them silenced by a pattern.',
  screens: {
    overview: { path: '/' },
    firing: { path: '/alerts' },
    silenced: { path: '/alerts?view=silenced' },
    pair: { path: '/pairs/shop-eu-replica' },
  },
  fill(engine) {
    const labels = { env: 'prod', team: 'shop', region: 'eu-central-1', tier: 'gold' };
    const counts = { ...noTables, total: 120, match: 120 - differing, different: differing };
    engine.pairStates = [
      pair('shop-eu-replica', { labels, tables: counts }),
      pair('shop-us-replica', { labels: { env: 'prod', team: 'shop' } }),
    ];
    engine.serverStates = ['primary', 'shop-eu-replica', 'shop-us-replica'].map((name) => server(name));
    engine.tableStates = Array.from({ length: 120 }, (_, i) => imported(i));
    engine.silenceList = [
      silence('mended tonight', {
        matcher: { table: 'ledger.*', labels: { env: 'prod', team: 'shop' } },
        note: 'imported again tonight',
        from: ago(30),
        until: ahead(600),
        activeUntil: ahead(600),
      }),
      silence('maintenance: nightly load', {
        matcher: { pair: 'shop-*', rule: 'lag*' },
        by: null,
        note: 'nightly load',
        until: null,
        recurrence: { cron: '0 2 * * *', timeZone: 'Europe/Berlin', durationMs: 90 * 60_000 },
        state: 'scheduled',
        activeUntil: null,
        nextFrom: ahead(400),
      }),
    ];
    engine.alertList = Array.from({ length: differing }, (_, i) => {
      const { schema, table } = nameOf(i);
      const evidence = `${schema}.${table}: ${i + 1} ${i === 0 ? 'row' : 'rows'} changed`;
      const seen = (minutes: number) => ({
        at: ago(minutes),
        severity: 'CRITICAL' as const,
        size: i + 1,
        evidence,
      });
      return firing(`different-${i}`, {
        rule: 'table-different',
        severity: 'CRITICAL',
        summary: 'Table is different',
        evidence,
        pair: 'shop-eu-replica',
        table: `${schema}.${table}`,
        tableName: { schema, table },
        first: seen(31),
        worst: seen(31),
        last: seen(1),
        ...(schema === 'ledger' && { silencedUntil: ahead(600), silencedBy: ['mended tonight'] }),
      });
    });
  },
};

function nameOf(number: number) {
  const schema = number % 3 === 0 ? 'ledger' : 'shop';
  return { schema, table: `orders_2026_${String(number + 1).padStart(3, '0')}` };
}

function imported(number: number) {
  const { schema, table: name } = nameOf(number);
  const same = table('shop-eu-replica', schema, name);
  if (number >= differing || !same.checksum) return same;
  const checksum = {
    ...same.checksum,
    verdict: 'DIFFERENT' as const,
    reason: `${number + 1} rows differ`,
    differences: { missing: 0, surplus: 0, changed: number + 1 },
  };
  return { ...same, checksum, standing: checksum };
}
