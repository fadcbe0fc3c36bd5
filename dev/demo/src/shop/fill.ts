import type { ServerHandle } from '@lockstep/servers';
import { size, tables } from './tables.ts';

const cities = ['Aarhus', 'Bergen', 'Gdańsk', 'Köln', 'Łódź', 'Malmö', 'Orléans', 'Zürich', null];
const things = ['Lamp', 'Chair', 'Kettle', 'Shelf', 'Blanket', 'Clock', 'Basket', 'Mirror'];

/** Creates the shop and everything in it as it stands before the day's business. */
export async function fillShop(source: ServerHandle): Promise<void> {
  await source.query(tables);
  await insert(
    source,
    'customers (id, name, email, city, credit)',
    numbers(size.customers).map((id) => [
      id,
      `Customer ${id}`,
      `customer${id}@shop.example`,
      cities[id % cities.length] ?? null,
      (id * 37) % 500,
    ]),
  );
  await insert(
    source,
    'products (id, title, price, weight, stock, details)',
    numbers(size.products).map((id) => [
      id,
      `${things[id % things.length]} no. ${id}`,
      5 + ((id * 83) % 400) / 4,
      0.1 + id / 7,
      1000,
      id % 3 === 0 ? null : JSON.stringify({ colour: id % 2 ? 'oak' : 'ash', boxes: id % 5 }),
    ]),
  );
  await insert(
    source,
    'orders (id, customer_id, product_id, quantity, total, status, note, placed_at)',
    numbers(size.orders).map((id) => [
      id,
      1 + ((id * 7) % size.customers),
      1 + ((id * 11) % size.products),
      1 + (id % 5),
      20 + ((id * 13) % 900),
      'shipped',
      id % 4 === 0 ? `Deliver to door ${id % 90}` : null,
      new Date(Date.UTC(2026, 0, 1) + id * 600_000).toISOString().slice(0, 23).replace('T', ' '),
    ]),
  );
}

type Cell = string | number | null;

async function insert(source: ServerHandle, into: string, rows: Cell[][]): Promise<void> {
  const connection = await source.connect();
  try {
    await connection.query(`INSERT INTO shop.${into} VALUES ?`, [rows]);
  } finally {
    await connection.end();
  }
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
