import type { SqlServer } from '../../server/sql-server.ts';
import type { TableName } from '../../table-name.ts';

/** Schemas that plugins, cluster tools and providers keep for themselves, each server its own. */
const schemas = new Set([
  'innodb_memcache',
  'ndbinfo',
  'query_rewrite',
  'mysql_innodb_cluster_metadata',
  'mysql_rest_service_metadata',
  // HeatWave.
  'mysql_audit',
  'mysql_autopilot',
  'mysql_option',
  'mysql_tasks',
  // Azure, Alibaba, Tencent, Vitess.
  '__recovery__',
  '__recycle_bin__',
  '__cdb_recycle_bin__',
  '__tencentdb__',
  '_vt',
]);

/** On Amazon RDS alone, for elsewhere a user may well call a schema so. */
const ofRds = new Set(['tmp', 'rdsadmin']);
const folderOfRds = '/rdsdbdata/';

/** What Amazon's Database Migration Service writes down of its work, in whatever schema of its target. */
const bookkeeping = /^awsdms_/i;

export function isOfProvider(schema: string, servers: Pick<SqlServer, 'facts'>[]): boolean {
  const onRds = servers.some(({ facts }) => facts?.instance['datadir']?.startsWith(folderOfRds));
  return schemas.has(schema) || (onRds && ofRds.has(schema));
}

export function isBookkeeping({ table }: TableName): boolean {
  return bookkeeping.test(table);
}
