import { galeraMember } from '../../src/position/membership.ts';

/** A node in its cluster of three, as `SHOW GLOBAL STATUS` prints it, but for these (without their `wsrep_`). */
export function galeraSays(values: Record<string, string>) {
  const all = {
    cluster_state_uuid: 'b3f20814-0000-11f1-8d0a-02fc00000001',
    last_committed: '17',
    local_state: '4',
    local_state_comment: 'Synced',
    cluster_status: 'Primary',
    ready: 'ON',
    cluster_conf_id: '5',
    cluster_size: '3',
    incoming_addresses: '10.0.0.1:3306,10.0.0.2:3306,10.0.0.3:3306',
    ...values,
  };
  const rows = Object.entries(all).map(([name, value]) => ({ Variable_name: `wsrep_${name}`, Value: value }));
  return galeraMember(rows);
}
