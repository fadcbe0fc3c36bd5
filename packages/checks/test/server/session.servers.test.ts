import {
  createFreshSchema,
  type Flavour,
  type FreshSchema,
  startPair,
  startServer,
  statementProxy,
} from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours, sharedPair } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { TableOverride } from '../../src/config.ts';
import { pairConfig, verifyConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';
import { plant, verify } from '../support/verify.ts';

/** What an administrator may have set for everybody, each as far from what Lockstep needs as the server takes it. */
const worst: Record<string, string> = {
  sql_mode: `'ANSI,PAD_CHAR_TO_FULL_LENGTH,NO_BACKSLASH_ESCAPES,NO_UNSIGNED_SUBTRACTION,HIGH_NOT_PRECEDENCE,ONLY_FULL_GROUP_BY'`,
  sql_select_limit: '1',
  max_join_size: '1',
  sql_big_selects: '0',
  max_execution_time: '1',
  max_statement_time: '0.001',
  lock_wait_timeout: '1',
  wait_timeout: '1',
  net_read_timeout: '1',
  net_write_timeout: '1',
  autocommit: '0',
  completion_type: '2',
  transaction_isolation: `'READ-UNCOMMITTED'`,
  tx_isolation: `'READ-UNCOMMITTED'`,
  character_set_client: 'latin1',
  character_set_results: 'cp1251',
  character_set_connection: 'latin1',
  collation_connection: `'latin1_german2_ci'`,
  default_collation_for_utf8mb4: `'utf8mb4_general_ci'`,
  character_set_collations: `'utf8mb4=utf8mb4_general_nopad_ci'`,
  time_zone: `'-11:30'`,
  lc_time_names: `'ru_RU'`,
  lc_messages: `'de_DE'`,
  default_week_format: '6',
  div_precision_increment: '0',
  group_concat_max_len: '4',
  default_regex_flags: `'EXTENDED'`,
  block_encryption_mode: `'aes-256-cbc'`,
  old: '1',
  old_mode: `'NO_DUP_KEY_WARNINGS_WITH_IGNORE,ZERO_DATE_TIME_CAST'`,
  windowing_use_high_precision: '0',
  max_sort_length: '4',
  sort_buffer_size: '1024',
  information_schema_stats_expiry: '31536000',
  query_cache_size: '1048576',
  query_cache_type: '1',
  use_secondary_engine: 'FORCED',
  system_versioning_asof: `'2020-01-01 00:00:00'`,
  wsrep_dirty_reads: '1',
  wsrep_sync_wait: '7',
  group_replication_consistency: `'BEFORE_AND_AFTER'`,
  sql_auto_is_null: '1',
  sql_buffer_result: '1',
  big_tables: '1',
  sql_safe_updates: '1',
  in_predicate_conversion_threshold: '2',
  tmp_table_size: '1024',
  max_heap_table_size: '16384',
  tmp_disk_table_size: '1024',
  max_session_mem_used: '131072',
  cte_max_recursion_depth: '0',
  max_recursive_iterations: '0',
  max_points_in_geometry: '3',
  max_error_count: '0',
  sql_notes: '0',
  eq_range_index_dive_limit: '1',
  range_optimizer_max_mem_size: '1',
  optimizer_max_sel_arg_weight: '1',
  use_stat_tables: `'PREFERABLY'`,
  low_priority_updates: '1',
  show_gipk_in_create_table_and_information_schema: '0',
  sql_quote_show_create: '0',
  terminology_use_previous: `'BEFORE_8_0_26'`,
  end_markers_in_json: '1',
  session_track_schema: '1',
  session_track_state_change: '1',
  session_track_system_variables: `'*'`,
  session_track_transaction_info: `'CHARACTERISTICS'`,
  session_track_gtids: `'ALL_GTIDS'`,
  init_connect: `'SET timestamp = 1, autocommit = 0, sql_select_limit = 2'`,
  transaction_read_only: '1',
  tx_read_only: '1',
};

/** Each table is one that some of them would change the verdict of. */
async function tables({ source, sql }: FreshSchema): Promise<TableOverride[]> {
  const t = (name: string) => `${sql}.${name}`;
  const columns = Array.from({ length: 12 }, (_, i) => `c${i} INT NOT NULL DEFAULT ${i}`);
  const long = `CONCAT(REPEAT('long', 80), `;
  for (const statement of [
    `CREATE TABLE ${t('wide')} (id INT PRIMARY KEY, ${columns.join(', ')})`,
    `INSERT INTO ${t('wide')} (id) VALUES (1), (2), (3)`,
    `CREATE TABLE ${t('keyless')} (h INT, taken TIMESTAMP(3) NULL, label CHAR(8), amount DOUBLE)`,
    `INSERT INTO ${t('keyless')} VALUES (1, '2026-01-01 12:00:00', 'a', 0.1), (2, NULL, 'b ', 2e20), (2, NULL, '', -0.0)`,
    `CREATE TABLE ${t('unlike')} (a INT AUTO_INCREMENT PRIMARY KEY, k VARCHAR(400) NOT NULL, v INT, UNIQUE (k))`,
    `INSERT INTO ${t('unlike')} (k, v) VALUES (${long}'a'), 1), (${long}'b'), 2), (${long}'c'), 3), (${long}'d'), 4)`,
    `CREATE TABLE ${t('filtered')} (id INT PRIMARY KEY, day DATE, n INT)`,
    `INSERT INTO ${t('filtered')} VALUES (1, '2026-02-02', 1), (2, '2026-06-07', 2), (3, '2026-12-31', 3)`,
    `CREATE TABLE ${t('same')} (id INT PRIMARY KEY, e ENUM('ж', 'b'), note TEXT CHARACTER SET utf8mb4)`,
    `INSERT INTO ${t('same')} VALUES (1, 'ж', 'naïve 😀'), (2, 'b', REPEAT('x', 60000))`,
    ...(source.flavour === 'mariadb'
      ? [
          `CREATE TABLE ${t('versioned')} (id INT PRIMARY KEY, v INT) WITH SYSTEM VERSIONING`,
          `INSERT INTO ${t('versioned')} VALUES (1, 1), (2, 2)`,
        ]
      : [
          `SET SESSION sql_generate_invisible_primary_key = 1`,
          `CREATE TABLE ${t('hidden_key')} (v INT)`,
          `SET SESSION sql_generate_invisible_primary_key = 0`,
          `INSERT INTO ${t('hidden_key')} VALUES (1), (1), (2)`,
        ]),
  ]) {
    await source.query(statement);
  }
  const where = `WEEK(day) = 5 OR DAYNAME(day) = 'Sunday' OR n / 7 * 7 > 2.9 OR id IS NULL`;
  return [{ match: '*.filtered', ignoreColumns: [], maskColumns: [], method: null, where }];
}

describe.each(flavours)('on %s', (flavour) => {
  test('whatever the servers set for everybody, verdicts, rows and lag are the same', async () => {
    await using pair = await startPair({ flavour });
    const { source, target } = pair;
    const schema = await createFreshSchema(pair);
    const { name, sql } = schema;
    const overrides = await tables(schema);
    await plant(
      schema,
      `UPDATE ${sql}.wide SET c11 = -1 WHERE id = 2`,
      `UPDATE ${sql}.keyless SET amount = 0.2 WHERE h = 1`,
      `DELETE FROM ${sql}.unlike WHERE v IN (2, 4)`,
      `UPDATE ${sql}.filtered SET n = 9`,
      flavour === 'mariadb'
        ? `UPDATE ${sql}.versioned SET v = 9 WHERE id = 2`
        : `UPDATE ${sql}.hidden_key SET v = 9 WHERE my_row_id = 3`,
    );
    const tablesOf = { include: [`${name}.*`], exclude: [], overrides };
    const found = async () => {
      const { results, run } = await verify(schema, {
        changes: { tables: tablesOf, verify: { ...verifyConfig, maxChunkRows: 2 } },
      });
      expect(run.state).toBe('finished');
      return results.map(({ table, verdict, reason, schemaDifferences, differences, rows }) => ({
        table,
        verdict,
        reason,
        schemaDifferences,
        differences,
        rows: rows.map(({ kind, key, columns, cells }) => ({ kind, key, columns, cells })),
      }));
    };
    const before = await found();
    expect(before.filter(({ verdict }) => verdict === 'DIFFERENT')).toHaveLength(5);

    for (const server of [source, target]) {
      for (const [variable, value] of Object.entries(worst)) {
        // What this server does not have, or has for no more than one session.
        await server.query(`SET GLOBAL ${variable} = ${value}`).catch((error: unknown) => {
          expect([variable, (error as { errno: number }).errno]).toEqual([
            variable,
            expect.toSatisfy((errno) => [1193, 1228, 1238, 1231, 1525, 3683].includes(errno as number)),
          ]);
        });
      }
    }
    expect(await found()).toEqual(before);

    const { engine } = startEngine({
      servers: { source, target },
      pairs: [pairConfig([`${name}.*`], { checks: noChecks })],
    });
    await vi.waitFor(() => {
      expect(engine.pair('pair')).toMatchObject({ state: 'in-sync', lag: { lagMs: 0 } });
      expect(engine.servers().flatMap(({ missingPrivileges }) => missingPrivileges)).toEqual([]);
    }, patient);
  });
});

/** A server of its own with such an option is not asked, and it is said why. */
async function isRefused(flavour: Flavour, option: string, why: RegExp, more: string[] = []): Promise<void> {
  await using server = await startServer({ flavour, options: [option, ...more] });
  const { engine } = startEngine({
    servers: { source: server, target: server },
    pairs: [pairConfig(['*.*'], { checks: noChecks })],
  });
  await vi.waitFor(() => {
    for (const { connection, evidence } of engine.servers()) {
      expect(connection).toBe('disconnected');
      expect(evidence).toMatch(why);
    }
  }, patient);
}

test.each(flavours)('on %s a session that cannot be what Lockstep needs is refused by name', (flavour) =>
  isRefused(
    flavour,
    '--maximum-max-sort-length=1024',
    /the session variable max_sort_length is 1024, though it was set to 16384/,
  ),
);

test.each(flavours)(
  'on %s a session that begins in a transaction, which shows the past, is refused',
  (flavour) =>
    isRefused(
      flavour,
      '--init-connect=START TRANSACTION',
      /in_transaction is 1, and is to be 0: see init_connect|ongoing transaction/,
    ),
);

test.runIf(flavours.includes('mysql'))(
  'on MySQL it is refused where nothing else had to be set that a transaction keeps from being set',
  () =>
    isRefused('mysql', '--init-connect=START TRANSACTION WITH CONSISTENT SNAPSHOT', /ongoing transaction/, [
      '--group-replication-consistency=EVENTUAL',
    ]),
);

test.runIf(flavours.includes('mariadb'))(
  'a MariaDB that is built without wsrep, and refuses its variables, is asked without them',
  async () => {
    const { source, target } = await sharedPair('mariadb');
    const asked: string[] = [];
    // To the server these are variables that it does not have.
    const proxy = await statementProxy(source, (client, main) => {
      main.on('data', (data) => client.write(data));
      return (packet, statement) => {
        asked.push(statement);
        main.write(Buffer.from(packet.toString('latin1').replaceAll('wsrep_', 'other_'), 'latin1'));
      };
    });
    onTestFinished(() => proxy.close());
    const { engine } = startEngine({
      servers: { source, target },
      reach: { source: { port: proxy.port } },
      pairs: [pairConfig(['none.*'], { checks: noChecks })],
    });
    await vi.waitFor(() => expect(engine.pair('pair')).toMatchObject({ state: 'in-sync' }), patient);
    const first = asked.filter((statement) => statement.startsWith('SET NAMES'));
    expect(first[0]).toContain('wsrep_sync_wait');
    expect(first[1]).not.toContain('wsrep_sync_wait');
  },
);
