import type { SqlServer } from './sql-server.ts';

/**
 * Names of schemas and tables that differ in case alone name the same on one of a pair's servers: then they name the
 * same for the pair, since what goes through that server comes out in its spelling.
 */
export function namesFold(source: Pick<SqlServer, 'facts'>, target: Pick<SqlServer, 'facts'>): boolean {
  return source.facts?.foldsNames === true || target.facts?.foldsNames === true;
}
