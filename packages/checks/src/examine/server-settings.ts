import { foreignText } from '../server/foreign-text.ts';
import type { Server } from '../server/server.ts';
import type { SqlRow } from '../server/sql-server.ts';

/** Names of either flavour; what a server does not have is left out of its answer. */
const variables = [
  'binlog_format',
  'binlog_row_image',
  'binlog_row_metadata',
  'binlog_expire_logs_seconds',
  'expire_logs_days',
  'super_read_only',
  'time_zone',
  'system_time_zone',
  'log_slave_updates',
  'log_replica_updates',
  'rpl_semi_sync_source_enabled',
  'rpl_semi_sync_master_enabled',
];

const status = [
  'Rpl_semi_sync_source_status',
  'Rpl_semi_sync_master_status',
  'Rpl_semi_sync_source_clients',
  'Rpl_semi_sync_master_clients',
];

/** What of a server's own settings bears on replication; '' for what it does not have. */
export class ServerSettings {
  readonly #values: ReadonlyMap<string, string>;
  /** Of Lockstep's own session; '' without TLS. */
  readonly cipher: string;
  /** As `SHOW GRANTS` prints them. */
  readonly grants: readonly string[];

  constructor(values: ReadonlyMap<string, string>, cipher: string, grants: readonly string[]) {
    this.#values = values;
    this.cipher = cipher;
    this.grants = grants;
  }

  /** Of the first that the server has. */
  get(...names: string[]): string {
    return names.map((name) => this.#values.get(name) ?? '').find((value) => value !== '') ?? '';
  }

  isOn(...names: string[]): boolean {
    return /^(1|ON)$/i.test(this.get(...names));
  }
}

/** Four statements that need no privilege. Rejects with a ServerFault. */
export async function readSettings(server: Server): Promise<ServerSettings> {
  const ask = async (sql: string) => await server.query(sql, [], { lane: 'status' });
  const list = (names: string[]) => names.map((name) => `'${name}'`).join(', ');
  const values = await ask(`SHOW GLOBAL VARIABLES WHERE Variable_name IN (${list(variables)})`);
  const states = await ask(`SHOW GLOBAL STATUS WHERE Variable_name IN (${list(status)})`);
  const ssl = await ask(`SHOW SESSION STATUS WHERE Variable_name = 'Ssl_cipher'`);
  const grants = await ask('SHOW GRANTS');
  const named = (row: SqlRow) =>
    [String(row['Variable_name']), foreignText(String(row['Value'] ?? ''))] as const;
  return new ServerSettings(
    new Map([...values, ...states].map(named)),
    foreignText(String(ssl[0]?.['Value'] ?? '')),
    grants.map((row) => String(Object.values(row)[0])),
  );
}
