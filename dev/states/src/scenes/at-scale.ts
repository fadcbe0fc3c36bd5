import { noTables } from '@lockstep/checks';
import type { Scene } from '../scene.ts';
import { firing, pair, server, table } from '../seed.ts';
import { rules } from './alerts.ts';

const tables = 20_000;
const alerts = 10_000;
/** One of so many tables is different, and has an alert; the other alerts are about tables of the second pair. */
const oneOf = 1_000;

export const atScale: Scene = {
  shows: '20,000 tables in a pair, twenty of them different, and 10,000 alerts.',
  screens: {
    tables: { path: '/pairs/archive', firstViewOnly: true },
    alerts: { path: '/alerts', firstViewOnly: true },
  },
  fill(engine) {
    const counts = { ...noTables, total: tables, match: tables - tables / oneOf, different: tables / oneOf };
    engine.pairStates = [pair('archive', { tables: counts }), pair('ledger')];
    engine.serverStates = ['primary', 'archive', 'ledger'].map((name) => server(name));
    engine.tableStates = Array.from({ length: tables }, (_, i) => archived(i));
    engine.alertList = Array.from({ length: alerts }, (_, i) => {
      const [pair, name] = i < tables / oneOf ? ['archive', nameOf(i * oneOf)] : ['ledger', nameOf(i)];
      return firing(`${pair}-${name}`, {
        ...rules['table-different'],
        rule: 'table-different',
        pair,
        table: `shop.${name}`,
        tableName: { schema: 'shop', table: name },
      });
    });
  },
};

const nameOf = (number: number) => `orders_${String(number).padStart(5, '0')}`;

function archived(number: number) {
  const same = table('archive', 'shop', nameOf(number));
  if (number % oneOf !== 0 || !same.checksum) return same;
  const checksum = {
    ...same.checksum,
    verdict: 'DIFFERENT' as const,
    reason: '3 rows differ',
    differences: { missing: 0, surplus: 0, changed: 3 },
  };
  return { ...same, checksum, standing: checksum };
}
