import { caughtUp, replicaStatus } from '@lockstep/servers';
import { flavours } from '@lockstep/servers/vitest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ShopServers, startShop } from '../src/servers.ts';
import { plantDifferences } from '../src/shop/planted-differences.ts';
import { startWorkload } from '../src/shop/workload.ts';

describe.each(flavours)('on %s', (flavour) => {
  let shop: ShopServers;
  beforeAll(async () => {
    shop = await startShop(flavour);
  });
  afterAll(() => shop.remove());

  test('under load, exactly the planted rows differ, and replication does not notice', async () => {
    const { source, replicas } = shop;
    const [hotBefore] = await source.query('SELECT COUNT(*) AS orders, MAX(id) AS newest FROM shop.orders');
    await plantDifferences(replicas['replica-b']);
    const workload = await startWorkload(source);
    await expect
      .poll(
        async () =>
          (await source.query('SELECT MAX(id) AS newest FROM shop.orders'))[0]?.['newest'] as number,
      )
      .toBeGreaterThan(Number(hotBefore?.['newest']) + 40);
    await workload.stop();
    await Promise.all(Object.values(replicas).map((replica) => caughtUp(source, replica)));

    expect(await differences('orders', 'replica-b')).toEqual(['changed 500', 'changed 502', 'missing 1234']);
    expect(await differences('customers', 'replica-b')).toEqual(['surplus 900']);
    expect(await differences('products', 'replica-b')).toEqual([]);
    for (const table of ['orders', 'customers', 'products']) {
      expect(await differences(table, 'replica-a')).toEqual([]);
    }
    expect(await replicaStatus(replicas['replica-b'])).toMatchObject({
      receiver: 'Yes',
      applier: 'Yes',
      error: '',
    });
    const [after] = await source.query('SELECT COUNT(*) AS orders FROM shop.orders');
    expect(after?.['orders']).toBe(hotBefore?.['orders']);
  });

  /** By plain SQL: all rows of both sides, compared here. */
  async function differences(table: string, replica: keyof ShopServers['replicas']): Promise<string[]> {
    const rows = async (server: ShopServers['source']) =>
      new Map(
        (await server.query(`SELECT * FROM shop.${table} ORDER BY id`)).map((row) => [
          Number(row['id']),
          JSON.stringify(row),
        ]),
      );
    const here = await rows(shop.source);
    const there = await rows(shop.replicas[replica]);
    return [
      ...[...here].flatMap(([id, row]) =>
        there.has(id) ? (there.get(id) === row ? [] : [`changed ${id}`]) : [`missing ${id}`],
      ),
      ...[...there.keys()].filter((id) => !here.has(id)).map((id) => `surplus ${id}`),
    ];
  }
});
