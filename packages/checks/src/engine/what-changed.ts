import type { ReplicationStatus } from '../model/replication.ts';
import type { ServerState } from '../model/server.ts';
import { formatDuration } from '../time/duration.ts';

/** What happened to a server between two of its states, in sentences for the time line of its pairs. */
export function serverChanges(before: ServerState | undefined, now: ServerState): string[] {
  const { name } = now;
  const told: string[] = [];
  if (now.connection !== before?.connection) told.push(`${name} ${now.connection}: ${now.evidence}`);
  if (!before) return told;
  if (now.replaced && now.replaced !== before.replaced) {
    told.push(`${name}: another server answers, ${now.identity} in the place of ${now.replaced.before}`);
  }
  if (before.readOnly !== null && now.readOnly !== null && now.readOnly !== before.readOnly) {
    told.push(`${name} is ${now.readOnly ? 'read-only' : 'writable'} now`);
  }
  if (before.clockAheadMs !== null && now.clockAheadMs !== null && before.clockAheadMs !== now.clockAheadMs) {
    told.push(`${name}: its clock moved ${step(now.clockAheadMs - before.clockAheadMs)} against Lockstep's`);
  }
  if (now.broken && now.broken.at.getTime() !== before.broken?.at.getTime()) {
    told.push(`a connection broke and was replaced: ${now.broken.message}`);
  }
  for (const missing of now.missingPrivileges) {
    if (!has(before, missing.feature)) {
      told.push(`no ${missing.feature}: ${missing.message}; mended by: ${missing.grant}`);
    }
  }
  for (const { feature } of before.missingPrivileges) {
    if (!has(now, feature)) told.push(`${name}: ${feature} works again`);
  }
  return told;
}

/** The same between two readings of a target's replication status. */
export function replicationChanges(before: ReplicationStatus | null, now: ReplicationStatus): string[] {
  const told: string[] = [];
  if (now.repointed && !before?.repointed) told.push(`re-pointed: the target ${now.evidence}`);
  if (before?.repointed && now.direct) told.push(`pointed back: the target ${now.evidence}`);
  const { readsFrom = null } = before ?? {};
  if (readsFrom !== null && readsFrom !== now.readsFrom && !now.repointed && !before?.repointed) {
    told.push(`moved: the target ${now.evidence}; before it did from ${readsFrom}`);
  }
  if (now.errant && now.errant !== before?.errant) {
    told.push(`transactions that only the target has: ${shorten(now.errant)}`);
  }
  if (before?.errant && now.errant === '') told.push('the target has no transactions of its own any more');
  return told;
}

function has({ missingPrivileges }: ServerState, feature: string): boolean {
  return missingPrivileges.some((missing) => missing.feature === feature);
}

function step(ms: number): string {
  return `${formatDuration(Math.abs(ms))} ${ms > 0 ? 'ahead' : 'back'}`;
}

function shorten(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
