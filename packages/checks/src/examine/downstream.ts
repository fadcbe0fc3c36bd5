import { atLeast } from '../server/flavour.ts';
import type { Server } from '../server/server.ts';
import { ServerFault, type SqlRow } from '../server/sql-server.ts';

/** From so many places replicas are looked for that do not say where they are, or say it wrongly. */
const mostHosts = 50;

/** A replica, as its source knows it. */
export interface Downstream {
  serverId: string;
  /** MySQL; null where the source does not tell. */
  uuid: string | null;
  /** Where it may be: its report_host, and where connections of replicas come from. */
  hosts: string[];
  port: number;
}

/** Needs REPLICATION SLAVE (MariaDB from 10.5.9 on: REPLICATION MASTER ADMIN). Rejects with a ServerFault. */
export async function readDownstream(server: Server): Promise<Downstream[]> {
  const { facts } = server;
  const modern = facts?.flavour === 'mysql' && atLeast(facts.version, [8, 0, 22]);
  const ask = (sql: string) => server.query(sql, [], { lane: 'status' });
  const rows = await ask(modern ? 'SHOW REPLICAS' : 'SHOW SLAVE HOSTS');
  if (rows.length === 0) return [];
  const from = await ask('SHOW PROCESSLIST').then(dumpHosts, ignoreFault);
  return rows.map((row) => {
    const text = (name: string) => String(row[name] ?? '');
    const reported = text('Host');
    return {
      serverId: text('Server_Id') || text('Server_id'),
      uuid: text('Replica_UUID') || text('Slave_UUID') || null,
      hosts: [...new Set([...(reported === '' ? [] : [reported]), ...from])],
      port: portIn(text('Port')),
    };
  });
}

/** None, and none that there can be, is the usual one. */
function portIn(text: string): number {
  const port = Number(text);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 3306;
}

/** Without PROCESS only one's own threads are shown: then nothing is known of where they come from. */
function dumpHosts(rows: SqlRow[]): string[] {
  const dumps = rows.filter((row) => String(row['Command']).startsWith('Binlog Dump'));
  const hosts = dumps.map((row) => String(row['Host']).replace(/:\d+$/, '')).filter((host) => host !== '');
  return [...new Set(hosts)].slice(0, mostHosts);
}

function ignoreFault(error: unknown): string[] {
  if (error instanceof ServerFault) return [];
  throw error;
}
