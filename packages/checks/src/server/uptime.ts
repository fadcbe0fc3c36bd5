import type { Flavour } from '../model/server.ts';

/** Its clock and for how many seconds it has run, of one moment. Everybody may ask it. */
export function uptimeStatement(flavour: Flavour): string {
  const table = flavour === 'mysql' ? 'performance_schema.global_status' : 'information_schema.GLOBAL_STATUS';
  return `SELECT UTC_TIMESTAMP() AS utc, VARIABLE_VALUE AS uptime FROM ${table} WHERE VARIABLE_NAME = 'Uptime'`;
}
