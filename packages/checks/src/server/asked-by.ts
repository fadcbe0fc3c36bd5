import type { SqlRow, SqlServer } from './sql-server.ts';

/** The same server; `how` says how often, and when, each of its statements is asked. */
export function askedBy(
  server: SqlServer,
  how: <T>(ask: () => Promise<T>, signal: AbortSignal | undefined) => Promise<T>,
): SqlServer {
  return {
    name: server.name,
    get facts() {
      return server.facts;
    },
    get exchanges() {
      return server.exchanges ?? 0;
    },
    query: <T extends SqlRow>(...[sql, values, options]: Parameters<SqlServer['query']>) =>
      how(() => server.query<T>(sql, values, options), options?.signal),
  };
}
