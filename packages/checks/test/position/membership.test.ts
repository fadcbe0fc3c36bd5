import { expect, test } from 'vitest';
import { galeraMember } from '../../src/position/membership.ts';

/** As `SHOW GLOBAL STATUS` prints it. */
function says(values: Record<string, string>) {
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

test('a node that the others voted out has left, also while it says that it is in the primary component', () => {
  const out = says({ local_state_comment: 'Inconsistent' });
  expect(out).toMatchObject({ standing: 'left', position: null, view: null, queue: null });
  expect(out.outside).toBe('it has left its cluster (wsrep_cluster_status Primary, Inconsistent)');
  expect(says({})).toMatchObject({ standing: 'in', outside: null, position: { seqno: 17n } });
});

test('a node without wsrep_on is said to be without it, though it gets what its cluster commits', () => {
  // It prints none of the three then.
  const off = says({ local_state: '', local_state_comment: '', last_committed: '' });
  expect(off).toMatchObject({ standing: 'left', position: null });
  expect(off.outside).toBe('wsrep_on is OFF there, so that what is written on it stays on it');
});

test('members that do not say where they are reached are not named', () => {
  const of = (incoming_addresses: string) => says({ incoming_addresses }).view;
  expect(of('AUTO,AUTO,AUTO')).toMatchObject({ size: 3, members: [] });
  expect(of('10.0.0.1:3306,,10.0.0.3:0')).toMatchObject({ size: 3, members: ['10.0.0.1:3306'] });
});
