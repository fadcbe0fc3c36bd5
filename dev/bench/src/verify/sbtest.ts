import { caughtUp, type OwnPair } from '@lockstep/servers';

/** The schema that sysbench uses, and its tables. */
export const schema = 'sbtest';
export const sbtestNames = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `sbtest${i + 1}`);

const batch = 50_000;

/** Tables in sysbench's layout, on both sides; the same every time. */
export async function fillSbtest(pair: OwnPair, names: string[], rows: number): Promise<void> {
  const { source, target } = pair;
  await source.query(`CREATE DATABASE IF NOT EXISTS ${schema}`);
  await source.query(
    `SET SESSION ${source.flavour === 'mysql' ? 'cte_max_recursion_depth' : 'max_recursive_iterations'} = ${batch}`,
  );
  for (const name of names) {
    await source.query(
      `CREATE TABLE ${schema}.${name} (
         id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
         k INT NOT NULL DEFAULT 0,
         c CHAR(120) NOT NULL DEFAULT '',
         pad CHAR(60) NOT NULL DEFAULT '',
         KEY k_1 (k)
       ) ENGINE=InnoDB`,
    );
    for (let from = 0; from < rows; from += batch) {
      await source.query(
        `INSERT INTO ${schema}.${name} (id, k, c, pad)
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
         SELECT ? + i, 1 + CRC32(? + i) % ?, LEFT(SHA2(CONCAT(? + i, 'c'), 512), 119), LEFT(SHA2(CONCAT(? + i, 'p'), 256), 59)
         FROM n`,
        [Math.min(batch, rows - from), from, from, rows, from, from],
      );
    }
  }
  await caughtUp(source, target, 600);
  // Estimates of sizes, which both Lockstep and its peers look at, are else a matter of luck.
  const list = names.map((name) => `${schema}.${name}`).join(', ');
  for (const server of [source, target]) await server.query(`ANALYZE NO_WRITE_TO_BINLOG TABLE ${list}`);
}
