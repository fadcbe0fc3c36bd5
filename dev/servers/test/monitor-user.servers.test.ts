import { describe, expect, test } from 'vitest';
import { connect } from '../src/sql.ts';
import { flavours, freshSchema } from '../src/vitest/index.ts';

describe.each(flavours)('on %s', (flavour) => {
  test('the monitor sees replication and its schemas, reads nothing else and writes nothing', async () => {
    const mine = await freshSchema(flavour);
    await mine.source.query(`CREATE TABLE ${mine.sql}.t (id INT PRIMARY KEY)`);
    // Differs from the granted name in the one character that GRANT could take for a wildcard.
    const other = mine.name.replace('_', 'x');
    await mine.source.query(`CREATE DATABASE ${other}; CREATE TABLE ${other}.t (id INT PRIMARY KEY)`);
    const monitor = await connect({ port: mine.source.port, ...mine.source.monitor });
    try {
      await monitor.query(flavour === 'mysql' ? 'SHOW REPLICA STATUS' : 'SHOW ALL SLAVES STATUS');
      await monitor.query(flavour === 'mysql' ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS');
      await monitor.query(`SELECT * FROM ${mine.sql}.t`);
      await expect(monitor.query(`SELECT * FROM ${other}.t`)).rejects.toThrow(/denied/);
      await expect(monitor.query('SELECT * FROM mysql.user')).rejects.toThrow(/denied/);
      await expect(monitor.query(`INSERT INTO ${mine.sql}.t VALUES (1)`)).rejects.toThrow(/denied/);
    } finally {
      await monitor.end();
      await mine.source.query(`DROP DATABASE ${other}`);
    }
  });
});
