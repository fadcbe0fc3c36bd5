import { retryConnection } from '../../server/retry-connection.ts';
import type { SqlServer } from '../../server/sql-server.ts';
import type { TableName } from '../../table-name.ts';
import { readDefinition } from './catalog.ts';
import type { TableDefinition } from './definition.ts';

/** What a table is on both sides at a moment; null where it is not. */
export interface Definitions {
  source: TableDefinition | null;
  target: TableDefinition | null;
}

/** Rejects when a side cannot tell within `waitMs`: what could not be read again is not known to be as it was. */
export async function readDefinitions(
  name: TableName,
  { source, target }: { source: SqlServer; target: SqlServer },
  waitMs: number,
  signal: AbortSignal,
): Promise<Definitions> {
  const [s, t] = await retryConnection(
    () => Promise.all([readDefinition(source, name, { signal }), readDefinition(target, name, { signal })]),
    [source, target],
    waitMs,
    signal,
  );
  return { source: s, target: t };
}

export function sameDefinitions(a: Definitions, b: Definitions): boolean {
  return a.source?.fingerprint === b.source?.fingerprint && a.target?.fingerprint === b.target?.fingerprint;
}
