import type { HeartbeatRow } from './heartbeat-reader.ts';

/**
 * Whose row tells of the source: the one asked for, else the source's own, else the only one there is. A sentence when
 * there is none to be chosen.
 */
export function chooseRow(
  rows: Map<string, HeartbeatRow>,
  wanted: string | null,
  sourceId: string | null,
): { serverId: string } | { trouble: string } {
  const ids = [...rows.keys()];
  const [only] = ids;
  if (only === undefined) return { trouble: 'the table is empty: was pt-heartbeat ever started?' };
  if (wanted !== null) {
    if (rows.has(wanted)) return { serverId: wanted };
    return { trouble: `there is no row of server ${wanted}, only of ${named(ids)}` };
  }
  if (sourceId !== null && rows.has(sourceId)) return { serverId: sourceId };
  if (ids.length === 1) return { serverId: only };
  return {
    trouble: `there are rows of the servers ${named(ids)}, none of them the source's own: name one with heartbeat.serverId`,
  };
}

/** It may be another kind of table, with an id of its own in each row. */
const mostNamed = 10;

function named(ids: readonly string[]): string {
  const more = ids.length - mostNamed;
  return ids.slice(0, mostNamed).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
