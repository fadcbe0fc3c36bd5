import type { PairConfig } from '../config.ts';
import type { Flavour } from '../model/server.ts';
import { binlogStatusPrivilege, replicaStatusPrivilege } from '../server/grants.ts';
import type { ServerFacts } from '../server/sql-server.ts';
import { ident } from '../server/sql-text.ts';
import { parseTableName } from '../table-name.ts';

/** The tables of performance_schema that tell more of a MySQL replica. */
const details = ['replication_connection_status', 'replication_applier_status_by_worker'];

/** Of releases of today, where a server could not be asked. */
export const assumedFacts: Record<Flavour, Pick<ServerFacts, 'flavour' | 'version'>> = {
  mysql: { flavour: 'mysql', version: [8, 4, 0] },
  mariadb: { flavour: 'mariadb', version: [11, 4, 0] },
};

/**
 * All that Lockstep's account needs on a server for these pairs, as statements without the semicolon; `account` quoted
 * as in SQL. The privileges are those that the engine itself asks for when it lacks one.
 */
export function neededGrants(
  facts: Pick<ServerFacts, 'flavour' | 'version'>,
  pairs: readonly PairConfig[],
  account: string,
): string[] {
  const grant = (what: string) => `GRANT ${what} TO ${account}`;
  const status = [replicaStatusPrivilege, binlogStatusPrivilege].map((of) => of(facts as ServerFacts));
  return [
    ...new Set([
      ...status.map(grant),
      ...(facts.flavour === 'mysql'
        ? details.map((table) => grant(`SELECT ON performance_schema.${table}`))
        : []),
      ...pairs.flatMap(placesOf).map((place) => grant(`SELECT ON ${place}`)),
    ]),
  ];
}

/** Where the pair's tables are, as narrow as a GRANT can say it; and its heartbeat. */
function placesOf({ tables, heartbeat }: PairConfig): string[] {
  const places = tables.include.map(placeOf);
  const all = places.includes('*.*') ? ['*.*'] : places;
  if (!heartbeat || all.includes('*.*')) return all;
  const { schema, table } = parseTableName(heartbeat.table);
  return [...all, `${ident(schema)}.${ident(table)}`];
}

/** In the name of a schema `_` and `%` are a GRANT's wildcards; in that of a table it has none. */
function placeOf(pattern: string): string {
  const [schema = '', ...rest] = pattern.split('.');
  const table = rest.join('.');
  if (schema === '*') return '*.*';
  const wild = /[*?]/.test(schema);
  if (wild || /[*?]/.test(table)) {
    const escaped = schema
      .replace(/[_%\\]/g, '\\$&')
      .replaceAll('*', '%')
      .replaceAll('?', '_');
    return `${ident(escaped)}.*`;
  }
  return `${ident(schema)}.${ident(table)}`;
}
