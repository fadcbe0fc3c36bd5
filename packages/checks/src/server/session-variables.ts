/**
 * What Lockstep sets in every session, whatever the server's global settings are: each variable of any flavour that can
 * change what a statement returns, or whether it is let. A server that does not have one is not told.
 *
 * Not here, because they choose between plans or buffers that give the same rows: `optimizer_*`, costs, statistics,
 * buffer and cache sizes. Nor what belongs to writing, logging or DDL. Nor quotas that only a privileged account may
 * raise: those refuse with an error, which is told.
 */
export interface SessionVariable {
  name: string;
  /** As SQL. */
  value: string;
  /** What it is to be, and cannot be set to: it only tells. */
  tells?: true;
  /** It is set though it is so already, for where that is refused a session is not to be used. */
  always?: true;
}

/** So that the first question, of what server this is, is answered whole. Every server of both flavours has these. */
const first: SessionVariable[] = [
  // No strictness, which is for writing; but a DATE key may hold 31 February, and MySQL would refuse to look for it.
  { name: 'sql_mode', value: `'ALLOW_INVALID_DATES'` },
  // DEFAULT would be the server's global value.
  { name: 'sql_select_limit', value: '18446744073709551615' },
  // In this order: setting the first changes the second.
  { name: 'max_join_size', value: '18446744073709551615' },
  { name: 'sql_big_selects', value: '1' },
  { name: 'tmp_table_size', value: '16777216' },
  { name: 'max_heap_table_size', value: '16777216' },
  { name: 'lc_messages', value: `'en_US'` },
  // Ends a transaction that began without it; in what is SET later something is refused within one.
  { name: 'autocommit', value: '1' },
];

/** Of MariaDB alone. */
const firstOfMariaDb: SessionVariable[] = [
  { name: 'tmp_disk_table_size', value: '18446744073709551615' },
  { name: 'max_session_mem_used', value: '9223372036854775807' },
];

/**
 * Of a MariaDB that is built with wsrep: a member of a cluster may hold a SHOW, too, until it has caught up, in a wait
 * that neither a limit nor a KILL ends.
 */
const firstOfMember: SessionVariable[] = [{ name: 'wsrep_sync_wait', value: '0' }];

export function sessionVariables(limits: {
  lockWaitSeconds: number;
  statementMs: number;
}): SessionVariable[] {
  const set = (name: string, value: string | number) => ({ name, value: String(value) });
  return [
    ...first,
    ...firstOfMariaDb,
    // A statement is bounded even when Lockstep is gone and nobody can kill any more.
    set('max_execution_time', mysqlLimit(limits.statementMs)),
    set('max_statement_time', mariadbLimit(limits.statementMs)),
    set('lock_wait_timeout', limits.lockWaitSeconds),
    set('innodb_lock_wait_timeout', limits.lockWaitSeconds),
    // The server clears away what a dead Lockstep left, and bears one that reads slowly.
    set('wait_timeout', 600),
    set('net_read_timeout', 30),
    set('net_write_timeout', 60),

    // No read view stays open, and even a mistake cannot write.
    set('completion_type', 0),
    // One that init_connect has begun, or whoever had the session before, shows the past.
    { name: 'in_transaction', value: '0', tells: true },
    // MySQL does not tell, but refuses this within a transaction.
    { name: 'session_track_gtids', value: `'OFF'`, always: true },
    set('transaction_isolation', `'READ-COMMITTED'`),
    set('transaction_read_only', 1),
    set('tx_isolation', `'READ-COMMITTED'`),
    set('tx_read_only', 1),

    // How values are read, computed, compared and printed.
    set('character_set_client', `'utf8mb4'`),
    set('character_set_results', `'utf8mb4'`),
    set('collation_connection', `'utf8mb4_general_ci'`),
    set('character_set_collations', `''`),
    set('time_zone', `'+00:00'`),
    set('lc_time_names', `'en_US'`),
    set('default_week_format', 0),
    set('div_precision_increment', 4),
    set('group_concat_max_len', 1_048_576),
    set('default_regex_flags', `''`),
    set('block_encryption_mode', `'aes-128-ecb'`),
    set('old', 0),
    set('old_mode', `''`),
    set('windowing_use_high_precision', 1),
    // ORDER BY goes by so many bytes of a value: no key is longer.
    set('max_sort_length', 16_384),
    set('sort_buffer_size', 2_097_152),

    // What is not the table as it is now: caches, other engines' copies, the past, the row that was inserted last.
    set('information_schema_stats_expiry', 0),
    set('query_cache_type', 0),
    set('use_secondary_engine', `'OFF'`),
    set('system_versioning_asof', 'DEFAULT'),
    set('wsrep_dirty_reads', 0),
    // A member of a cluster would hold every SELECT until it has caught up, in a wait that no KILL ends.
    set('wsrep_sync_wait', 0),
    set('group_replication_consistency', `'EVENTUAL'`),
    set('sql_auto_is_null', 0),
    set('sql_buffer_result', 0),
    set('sql_safe_updates', 0),
    // Lists of keys longer than this would become subqueries.
    set('in_predicate_conversion_threshold', 0),

    // Whether a large answer is let.
    set('max_tmp_tables', 32),
    set('cte_max_recursion_depth', 1000),
    set('max_recursive_iterations', 1000),
    set('max_points_in_geometry', 65_536),

    // What the catalogs and SHOW leave out or name otherwise.
    set('show_gipk_in_create_table_and_information_schema', 1),
    set('show_create_table_skip_secondary_engine', 0),
    set('show_create_table_verbosity', 0),
    set('sql_quote_show_create', 1),
    set('terminology_use_previous', `'NONE'`),

    // What would come with every answer besides.
    set('session_track_schema', 0),
    set('session_track_state_change', 0),
    set('session_track_system_variables', `''`),
    set('session_track_transaction_info', `'OFF'`),
  ];
}

/**
 * What a member of a group of MySQL's holds until all of the group have a transaction (`AFTER`) neither a limit nor a
 * KILL ends, whoever asks for it, but this; and it ends what is idle for as long.
 */
export const heldSeconds = 5;

/** The same, as they are to be on a server with these variables. */
export function fittedTo(has: (name: string) => boolean, wanted: SessionVariable[]): SessionVariable[] {
  if (!mayBeHeld(has)) return wanted;
  return wanted.map((each) =>
    each.name === 'wait_timeout' ? { ...each, value: String(heldSeconds) } : each,
  );
}

export function mayBeHeld(has: (name: string) => boolean): boolean {
  return has('group_replication_group_name');
}

/**
 * The very first statement, for both flavours and any version: the guards of the questions that follow. `timestamp`,
 * because a server's `init_connect` may have stopped it. `member`: with what a MariaDB without wsrep does not know.
 */
export function firstStatement(limits: { statementMs: number }, member: boolean): string {
  const ofMySql = [{ name: 'max_execution_time', value: mysqlLimit(limits.statementMs) }];
  const ofMariaDb = [
    { name: 'max_statement_time', value: mariadbLimit(limits.statementMs) },
    ...firstOfMariaDb,
    ...(member ? firstOfMember : []),
  ];
  const list = (variables: SessionVariable[]) => variables.map(assignment).join(', ');
  return `SET NAMES utf8mb4 COLLATE utf8mb4_general_ci, SESSION timestamp = DEFAULT, ${list(first)}
    /*!50708 , ${list(ofMySql)} */ /*M!100500 , ${list(ofMariaDb)} */`;
}

/** In whole milliseconds. */
export function mysqlLimit(ms: number): string {
  return String(Math.ceil(ms));
}

/** In seconds. */
export function mariadbLimit(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** `more`: assignments as they are written. */
export function setStatement(variables: readonly SessionVariable[], ...more: string[]): string {
  return `SET ${[...variables.map(assignment), ...more].join(', ')}`;
}

/** Its answer, one row, has the variables in their order. */
export function readBackStatement(variables: readonly SessionVariable[]): string {
  return `SELECT ${variables.map(({ name }) => `@@SESSION.${name} AS ${name}`).join(', ')}`;
}

/** Whether a variable that was set to this is printed like that: 1 is ON, a number has any number of zeros. */
export function isSet({ value }: SessionVariable, printed: string): boolean {
  if (value === 'DEFAULT') return printed === 'DEFAULT';
  const wanted = value.replace(/^'(.*)'$/, '$1');
  if (wanted.toLowerCase() === printed.toLowerCase()) return true;
  const off = /^(0|OFF|NO_CHAIN)$/i;
  if (off.test(wanted)) return off.test(printed);
  if (wanted === '1') return /^(1|ON)$/i.test(printed);
  return wanted !== '' && printed !== '' && /^\d+\.\d+$/.test(wanted) && Number(wanted) === Number(printed);
}

function assignment({ name, value }: SessionVariable): string {
  return `SESSION ${name} = ${value}`;
}
