import type { FreshSchema } from '@lockstep/servers';
import { expect, test } from 'vitest';
import type { VerifyConfig } from '../../src/config.ts';
import { verifyConfig } from '../support/config.ts';
import { mariadbHasUuid } from '../support/mariadb-has.ts';
import { migration } from '../support/migration.ts';
import { type Verified, verify } from '../support/verify.ts';

/** Without replication to wait for, as soon as rows hold still. */
function verifyMigration(schema: FreshSchema, changes: Partial<VerifyConfig> = {}): Promise<Verified> {
  return verify(schema, {
    changes: { verify: { ...verifyConfig, settleMs: 50, ...changes } },
    route: { kind: null, evidence: 'the target is not a replica' },
  });
}

interface Sides {
  name: string;
  /** Columns and key on MySQL and on MariaDB. */
  mysql: string;
  mariadb: string;
  keys: string[];
  /** A key that only the target has. */
  surplus: string;
  /** The target sorts the key otherwise, or has none that is the same: as a whole only. */
  whole?: boolean;
}

const uuid = (n: number) => `'123E4567-E89B-12D3-A456-42665544000${n}'`;

const tables: Sides[] = [
  {
    name: 'another scale',
    mysql: 'k DECIMAL(10,2) PRIMARY KEY',
    mariadb: 'k DECIMAL(20,6) PRIMARY KEY',
    keys: ['-1.50', '0', '0.01', '99999999.99'],
    surplus: '0.000001',
  },
  {
    name: 'another type of number, filled with zeros',
    mysql: 'k INT UNSIGNED PRIMARY KEY',
    mariadb: 'k BIGINT(12) ZEROFILL PRIMARY KEY',
    keys: ['0', '7', '4294967295'],
    surplus: '4294967296',
  },
  {
    name: 'fractions of seconds',
    mysql: 'k TIMESTAMP PRIMARY KEY',
    mariadb: 'k DATETIME(6) PRIMARY KEY',
    keys: ["'2026-03-29 01:30:00'", "'2026-03-29 02:30:00'", "'2026-03-29 02:30:01'"],
    surplus: "'2026-03-29 02:30:00.5'",
  },
  {
    name: 'another charset, neither side in its default collation',
    mysql: 'k VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_spanish_ci PRIMARY KEY',
    mariadb: 'k VARCHAR(20) CHARACTER SET utf8mb3 COLLATE utf8mb3_spanish_ci PRIMARY KEY',
    keys: ["'a'", "'é'", "'ñ'", "'Z'", "'b c'"],
    surplus: "'x'",
    whole: true,
  },
  {
    name: 'another charset',
    mysql: 'k VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PRIMARY KEY',
    mariadb: 'k CHAR(20) CHARACTER SET latin1 PRIMARY KEY',
    keys: ["'a'", "'é'", "'ß'", "'Z'", "'b c'"],
    surplus: "'ü'",
    whole: true,
  },
  {
    name: 'trailing spaces that count on one side only',
    mysql: 'k VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci PRIMARY KEY',
    mariadb: 'k VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci PRIMARY KEY',
    keys: ["'a '", "'b'", "'c  '", "'😀 '"],
    surplus: "'d '",
    whole: true,
  },
  {
    name: 'the same collation',
    mysql: 'k VARCHAR(20) CHARACTER SET utf8 COLLATE utf8_general_ci PRIMARY KEY',
    mariadb: 'k VARCHAR(20) CHARACTER SET utf8 COLLATE utf8_general_ci PRIMARY KEY',
    keys: ["'a '", "'B'", "'ç'", "'Ö'", "''"],
    surplus: "'z '",
  },
  {
    name: 'labels of the same numbers',
    mysql: "k ENUM('z','a','é') CHARACTER SET utf8mb4 PRIMARY KEY",
    mariadb: "k ENUM('z','a','é') CHARACTER SET latin1 PRIMARY KEY",
    keys: ["'a'", "'z'"],
    surplus: "'é'",
    whole: true,
  },
  {
    name: 'labels of other numbers',
    mysql: "k ENUM('z','a','m') PRIMARY KEY",
    mariadb: "k ENUM('a','m','z') PRIMARY KEY",
    keys: ["'a'", "'z'"],
    surplus: "'m'",
    whole: true,
  },
  {
    name: 'a UUID as text',
    mysql: 'k CHAR(36) PRIMARY KEY',
    mariadb: `k ${mariadbHasUuid ? 'UUID' : 'BINARY(36)'} PRIMARY KEY`,
    keys: [uuid(1), uuid(2), uuid(3)],
    surplus: uuid(4),
    whole: true,
  },
  {
    name: 'a unique key instead of the primary key',
    mysql: 'k INT PRIMARY KEY',
    mariadb: 'k INT NOT NULL, UNIQUE KEY other (k)',
    keys: ['-1', '0', '5'],
    surplus: '9',
  },
  {
    name: 'no key on the target, where a row is there twice',
    mysql: 'k INT PRIMARY KEY',
    mariadb: 'k INT NOT NULL',
    keys: ['1', '2', '3'],
    surplus: '2',
    whole: true,
  },
];

test('keys that are declared differently on the two sides name the same rows', async () => {
  const schema = await migration();
  for (const server of [schema.source, schema.target]) {
    await server.query(`SET SESSION sql_mode = '', time_zone = '+00:00'`);
    for (const [i, { keys, ...columns }] of tables.entries()) {
      await server.query(
        `CREATE TABLE ${schema.sql}.t${i} (${columns[server.flavour]}, v INT NOT NULL DEFAULT 0)`,
      );
      await server.query(
        `INSERT INTO ${schema.sql}.t${i} (k) VALUES ${keys.map((key) => `(${key})`).join(', ')}`,
      );
    }
  }
  // As single chunks where their key allows it, and not at all where it does not.
  const cut = await verifyMigration(schema, { maxChunkRows: 1, maxRowsWithoutKey: 0 });
  const whole = await verifyMigration(schema);
  for (const [i, { name, whole: asWhole, keys }] of tables.entries()) {
    const result = whole.of(`t${i}`);
    expect(result.differences, `${name}: ${result.reason}`).toEqual({ missing: 0, surplus: 0, changed: 0 });
    expect(result.rowsCompared, name).toBe(keys.length);
    expect(result.reason, name).not.toContain('not all could be decided');
    expect(cut.of(`t${i}`).chunks > 1, `${name}: ${cut.of(`t${i}`).reason}`).toBe(!asWhole);
  }

  for (const [i, { surplus, keys }] of tables.entries()) {
    await schema.target.query(`INSERT INTO ${schema.sql}.t${i} (k) VALUES (${surplus})`);
    await schema.source.query(`UPDATE ${schema.sql}.t${i} SET v = 1 WHERE k = ${keys[0] ?? ''}`);
  }
  const after = await verifyMigration(schema);
  for (const [i, { name }] of tables.entries()) {
    const { differences, reason } = after.of(`t${i}`);
    // Without a key that both have, a changed row is a missing one and a surplus one.
    const keyless = /no key on|other numbers|UUID/.test(name);
    expect(differences, `${name}: ${reason}`).toEqual(
      keyless ? { missing: 1, surplus: 2, changed: 0 } : { missing: 0, surplus: 1, changed: 1 },
    );
  }
});

test('a key that the other side cannot hold is missing there', async () => {
  const schema = await migration();
  await schema.source.query(
    `CREATE TABLE ${schema.sql}.t (k VARCHAR(20) CHARACTER SET utf8mb4 PRIMARY KEY, v INT)`,
  );
  await schema.target.query(
    `CREATE TABLE ${schema.sql}.t (k VARCHAR(20) CHARACTER SET latin1 PRIMARY KEY, v INT)`,
  );
  await schema.source.query(`INSERT INTO ${schema.sql}.t VALUES ('a', 1), ('😀', 2), ('漢', 3)`);
  await schema.target.query(`INSERT INTO ${schema.sql}.t VALUES ('a', 1), ('?', 2)`);
  const { rows } = (await verifyMigration(schema)).of('t');
  expect(rows.map(({ kind, key }) => `${kind} ${key['k'] ?? ''}`).sort()).toEqual([
    'missing 漢',
    'missing 😀',
    'surplus ?',
  ]);
});
