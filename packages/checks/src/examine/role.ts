import type { Membership } from '../position/membership.ts';
import type { ServerFacts } from '../server/sql-server.ts';
import { bad, doubt, type Finding, good } from './finding.ts';
import type { ServerSettings } from './server-settings.ts';

export interface Parts {
  isSource: boolean;
  isTarget: boolean;
}

/** What it is in the pairs, and whether it can be written to. */
export function role(
  { isSource, isTarget }: Parts,
  readOnly: boolean | null,
  { flavour, cluster }: Pick<ServerFacts, 'flavour' | 'cluster'>,
  settings: ServerSettings,
): Finding {
  if (readOnly === null) return doubt('role', 'whether it is read-only is not known', null);
  const is = isSource ? (isTarget ? 'source and target' : 'source') : isTarget ? 'target' : 'in no pair';
  if (!isTarget || cluster) {
    // A secondary of a group is read-only, and gets what its primary writes.
    if (!readOnly || !isSource || cluster) {
      return good('role', `${is}, ${readOnly ? 'read-only' : 'writable'}`);
    }
    return doubt('role', `${is}, and read-only: nobody can write to it`, null);
  }
  if (!readOnly) {
    const mend =
      flavour === 'mysql'
        ? 'SET PERSIST super_read_only = ON'
        : 'SET GLOBAL read_only = ON, and in its configuration';
    return doubt('role', `${is}, and writable: what is written to it alone makes it differ`, mend);
  }
  const strict = settings.isOn('super_read_only') ? ' (super_read_only)' : '';
  return good('role', `${is}, read-only${strict}`);
}

export function semiSync(settings: ServerSettings): Finding {
  const topic = 'semi-sync';
  if (!settings.isOn('rpl_semi_sync_source_enabled', 'rpl_semi_sync_master_enabled')) {
    return good(topic, 'off: no commit waits for a replica');
  }
  const clients = Number(settings.get('Rpl_semi_sync_source_clients', 'Rpl_semi_sync_master_clients') || 0);
  if (settings.isOn('Rpl_semi_sync_source_status', 'Rpl_semi_sync_master_status') && clients > 0) {
    return good(topic, `on, ${clients} ${clients === 1 ? 'replica acknowledges' : 'replicas acknowledge'}`);
  }
  return bad(
    topic,
    clients === 0
      ? 'it is enabled, and no replica acknowledges: commits wait for the time limit, or for nobody'
      : 'it is enabled, and has fallen back: commits wait for nobody',
    'enable semi-sync on a replica (rpl_semi_sync_replica_enabled, rpl_semi_sync_slave_enabled), and restart its receiver',
  );
}

export function group(membership: Membership | null): Finding[] {
  if (!membership) return [];
  const { kind, outside, busy, group, flowControl } = membership;
  const name = kind === 'galera' ? 'Galera cluster' : 'replication group';
  if (outside !== null) return [bad('group', outside, 'let it join again')];
  if (busy !== null) return [doubt('group', `${name} ${group}: ${busy}`, null)];
  if (flowControl?.active) return [doubt('group', `${name} ${group}: flow control holds it back`, null)];
  return [good('group', `a member of the ${name} ${group}`)];
}
