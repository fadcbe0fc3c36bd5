import { expect, test } from 'vitest';
import { leftOutBy } from '../../src/position/left-out.ts';

const orders = { schema: 'shop', table: 'orders' };

test.each([
  { filters: [], by: null },
  { filters: ['Replicate_Do_DB=shop,other'], by: null },
  { filters: ['Replicate_Do_DB=other'], by: 'Replicate_Do_DB=other' },
  { filters: ['Replicate_Ignore_DB=shop'], by: 'Replicate_Ignore_DB=shop' },
  {
    filters: ['Replicate_Ignore_Table=shop.sessions,shop.orders'],
    by: 'Replicate_Ignore_Table=shop.sessions,shop.orders',
  },
  { filters: ['Replicate_Do_Table=shop.items'], by: 'Replicate_Do_Table=shop.items' },
  { filters: ['Replicate_Do_Table=shop.orders', 'Replicate_Wild_Ignore_Table=shop.%'], by: null },
  { filters: ['Replicate_Wild_Ignore_Table=sh_p.ord%'], by: 'Replicate_Wild_Ignore_Table=sh_p.ord%' },
  { filters: ['Replicate_Wild_Ignore_Table=sh\\_p.ord%'], by: null },
  { filters: ['Replicate_Wild_Do_Table=shop.o%'], by: null },
  { filters: ['Replicate_Wild_Do_Table=shop.i%'], by: 'Replicate_Wild_Do_Table=shop.i%' },
  { filters: ['Replicate_Ignore_Domain_Ids=1'], by: null },
  { filters: ['Replicate_Ignore_DB=other, shop'], by: 'Replicate_Ignore_DB=other, shop' },
  { filters: ['Replicate_Ignore_Table=`shop`.`orders`'], by: 'Replicate_Ignore_Table=`shop`.`orders`' },
  // A dot is a dot.
  { filters: ['Replicate_Wild_Ignore_Table=shop.o.ders'], by: null },
  { filters: ['Replicate_Wild_Ignore_Table=sho_.orders'], by: 'Replicate_Wild_Ignore_Table=sho_.orders' },
  { filters: ['Replicate_Wild_Ignore_Table=shopXorders'], by: null },
  { filters: ['Replicate_Rewrite_DB=(a,b),(shop,store)'], by: 'Replicate_Rewrite_DB=(a,b),(shop,store)' },
  { filters: ['Replicate_Rewrite_DB=a->b,shop->store'], by: 'Replicate_Rewrite_DB=a->b,shop->store' },
  { filters: ['Replicate_Rewrite_DB=(store,shop),(a,shop)'], by: null },
  { filters: ['Replicate_Rewrite_DB=store->shop,a->b'], by: null },
  { filters: ['Replicate_Wild_Ignore_Table=hop.orders', 'Replicate_Ignore_Table=shop.order'], by: null },
])('$filters leave a table out by $by', ({ filters, by }) => {
  const parts = filters.map((filter: string) => {
    const [name = '', value = ''] = filter.split('=');
    return { name, value };
  });
  const found = leftOutBy({ filters: parts }, orders);
  expect(found && `${found.name}=${found.value}`).toBe(by);
});

test('where filters of tables fold case and names do not, those of schemas do not', () => {
  const by = (name: string, value: string) => leftOutBy({ filters: [{ name, value }] }, orders, false, true);
  expect(by('Replicate_Ignore_Table', 'Shop.ORDERS')).not.toBeNull();
  expect(by('Replicate_Wild_Ignore_Table', 'SHOP.ord%')).not.toBeNull();
  expect(by('Replicate_Wild_Do_Table', 'Shop.%')).toBeNull();
  expect(by('Replicate_Do_Table', 'Shop.Orders')).toBeNull();
  expect(by('Replicate_Ignore_DB', 'Shop')).toBeNull();
  expect(by('Replicate_Do_DB', 'Shop')).not.toBeNull();
});
