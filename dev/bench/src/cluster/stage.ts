import { setTimeout as pause } from 'node:timers/promises';
import type { EngineConfig, PairConfig } from '@lockstep/checks';
import { type Cluster, type ClusterKind, startGalera, startGroup, type TestServer } from '@lockstep/servers';
import { readEngineConfig } from '../engine-config.ts';
import { writeConfig } from '../service/config-file.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** Three members with the tables that a benchmark needs, watched from the outside as anybody would. */
export interface ClusterStage {
  kind: ClusterKind;
  cluster: Cluster;
  config: { engine: EngineConfig; pair: PairConfig };
}

export const schema = 'bench';
export const coldRows = 20_000;

/** As a node of a Galera cluster does, each member takes writes. */
const multiPrimary = [
  '--loose-group_replication_single_primary_mode=OFF',
  '--loose-group_replication_enforce_update_everywhere_checks=ON',
];

export async function startStage(kind: ClusterKind, cleanup: AsyncDisposableStack): Promise<ClusterStage> {
  const cluster = cleanup.use(await (kind === 'galera' ? startGalera() : startGroup(multiPrimary)));
  const [first, second, third] = cluster.members;
  const recursion = kind === 'galera' ? 'max_recursive_iterations' : 'cte_max_recursion_depth';
  await first.query(
    `CREATE DATABASE ${schema};
     GRANT SELECT ON ${schema}.* TO '${first.monitor.user}'@'127.0.0.1';
     CREATE TABLE ${schema}.cold (id INT PRIMARY KEY, v INT NOT NULL, pad CHAR(60) NOT NULL);
     CREATE TABLE ${schema}.live (id INT AUTO_INCREMENT PRIMARY KEY, v INT NOT NULL);
     CREATE TABLE ${schema}.stalled (id INT PRIMARY KEY, v INT NOT NULL);
     INSERT INTO ${schema}.stalled VALUES (1, 0);
     SET SESSION ${recursion} = ${coldRows};
     INSERT INTO ${schema}.cold
     WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${coldRows}) SELECT i, 0, 'x' FROM n;
     INSERT INTO ${schema}.live (v) SELECT 0 FROM ${schema}.cold LIMIT 500`,
  );
  // What is planted in rows that are on their way is refused.
  for (const member of cluster.members) {
    while ((await member.query(`SELECT 1 FROM ${schema}.live`)).length < 500) await pause(100);
  }
  const file = await writeConfig(await temporaryFolder(cleanup), {
    servers: { n1: { handle: first }, n2: { handle: second }, n3: { handle: third } },
    pairs: [
      { name: 'n1n2', source: 'n1', target: 'n2' },
      { name: 'n1n3', source: 'n1', target: 'n3' },
      { name: 'n2n1', source: 'n2', target: 'n1' },
    ],
    tables: [`${schema}.*`],
  });
  return { kind, cluster, config: readEngineConfig(file) };
}

/** What is written between the two stays on that member, and has no place in the group's history. */
export function alone(kind: ClusterKind): [before: string, after: string] {
  return kind === 'galera'
    ? [
        'SET SESSION wsrep_on = 0; SET SESSION sql_log_bin = 0',
        'SET SESSION sql_log_bin = 1; SET SESSION wsrep_on = 1',
      ]
    : [
        'SET @was = @@global.super_read_only; SET SESSION sql_log_bin = 0; SET GLOBAL super_read_only = 0',
        'SET GLOBAL super_read_only = @was; SET SESSION sql_log_bin = 1',
      ];
}

/** Nothing that is written to the table is applied there until it ends. */
export async function stall(member: TestServer, table: string): Promise<() => Promise<void>> {
  const holder = await member.connect();
  await holder.query(`LOCK TABLES ${schema}.${table} READ`);
  return async () => {
    await holder.query('UNLOCK TABLES').catch(() => undefined);
    holder.destroy();
  };
}
