import { beginOf } from '../begin-of.ts';
import type { PairEventKind } from '../model/pair.ts';
import type { ReplicationStatus } from '../model/replication.ts';
import type { ServerState } from '../model/server.ts';
import { formatDuration } from '../time/duration.ts';

/** One entry of a time line. */
export interface Change {
  kind: PairEventKind;
  message: string;
}

/** What happened to a server between two of its states, for the time line of its pairs. */
export function serverChanges(before: ServerState | undefined, now: ServerState): Change[] {
  const { name } = now;
  const changes: Change[] = [];
  const told = tellingIn(changes, 'connection');
  if (now.connection !== before?.connection) told(`${name} ${now.connection}: ${now.evidence}`);
  if (!before) return changes;
  if (now.replaced && now.replaced !== before.replaced) {
    const { before: was } = now.replaced;
    tellingIn(changes, 'failover')(`${name}: another server answers, ${now.identity} in the place of ${was}`);
  }
  if (before.runningSince && now.runningSince && now.runningSince > before.runningSince) {
    const since = now.runningSince.toISOString();
    tellingIn(changes, 'restart')(`${name} was started anew: by its own clock it runs since ${since}`);
  }
  if (before.readOnly !== null && now.readOnly !== null && now.readOnly !== before.readOnly) {
    told(`${name} is ${now.readOnly ? 'read-only' : 'writable'} now`);
  }
  if (before.clockAheadMs !== null && now.clockAheadMs !== null && before.clockAheadMs !== now.clockAheadMs) {
    told(`${name}: its clock moved ${step(now.clockAheadMs - before.clockAheadMs)} against Lockstep's`);
  }
  if (now.broken && now.broken.at.getTime() !== before.broken?.at.getTime()) {
    told(`a connection broke and was replaced: ${now.broken.message}`);
  }
  for (const missing of now.missingPrivileges) {
    if (!has(before, missing.feature)) {
      told(`no ${missing.feature}: ${missing.message}; mended by: ${missing.grant}`);
    }
  }
  for (const { feature } of before.missingPrivileges) {
    if (!has(now, feature)) told(`${name}: ${feature} works again`);
  }
  return changes;
}

/** The same between two readings of a target's replication status. */
export function replicationChanges(before: ReplicationStatus | null, now: ReplicationStatus): Change[] {
  const changes: Change[] = [];
  const told = tellingIn(changes, 'connection');
  const moved = tellingIn(changes, 'failover');
  // Else an earlier process told it.
  const isNews = now.repointed?.getTime() === now.at.getTime();
  if (now.repointed && !before?.repointed && isNews) moved(`re-pointed: the target ${now.evidence}`);
  if (before?.repointed && now.direct) moved(`pointed back: the target ${now.evidence}`);
  const { readsFrom = null } = before ?? {};
  if (readsFrom !== null && readsFrom !== now.readsFrom && !now.repointed && !before?.repointed) {
    moved(`moved: the target ${now.evidence}; before it did from ${readsFrom}`);
  }
  if (now.errant && now.errant !== before?.errant) {
    told(`transactions that only the target has: ${shorten(now.errant)}`);
  }
  if (before?.errant && now.errant === '') told('the target has no transactions of its own any more');
  return changes;
}

function tellingIn(changes: Change[], kind: PairEventKind): (message: string) => void {
  return (message) => void changes.push({ kind, message });
}

function has({ missingPrivileges }: ServerState, feature: string): boolean {
  return missingPrivileges.some((missing) => missing.feature === feature);
}

function step(ms: number): string {
  return `${formatDuration(Math.abs(ms))} ${ms > 0 ? 'ahead' : 'back'}`;
}

function shorten(text: string): string {
  return text.length > 300 ? `${beginOf(text, 300)}…` : text;
}
