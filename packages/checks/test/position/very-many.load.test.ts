import { describe, expect, test } from 'vitest';
import { findErrant } from '../../src/lag/errant.ts';
import { relate } from '../../src/position/contains.ts';
import { lostMariadbGtids } from '../../src/position/lost-history.ts';
import { splitMariadbGtids } from '../../src/position/mariadb-gtid-list.ts';
import { groupMember } from '../../src/position/membership.ts';
import { parseMysqlGtidSet } from '../../src/position/mysql-gtid-set.ts';
import { outOfOrder } from '../../src/position/out-of-order.ts';
import { type Position } from '../../src/position/position.ts';
import { Unparsable } from '../../src/position/unparsable.ts';
import { whyOpen } from '../../src/position/why-open.ts';
import type { ServerFacts } from '../../src/server/sql-server.ts';
import { galeraSays } from '../support/galera-says.ts';

/** As many as fit into what a server may answer; to compare each with each would take for ever. */
const many = 150_000;
const gtids = (writer: number, of = many) =>
  Array.from({ length: of }, (_, domain) => `${domain}-${writer}-7`).join(',');
const facts = { flavour: 'mariadb', serverId: '2', uuid: '', gtidMode: true, binlog: true } as ServerFacts;

describe('a server that names more domains than anybody has', () => {
  const state = `${gtids(1)},${gtids(2)}`;

  test('is compared in one go over them', () => {
    const applied: Position = { kind: 'mariadb-gtid', text: gtids(2), own: '', state: gtids(2) };
    const wanted: Position = { kind: 'mariadb-gtid', text: gtids(1), state };
    expect(relate(applied, wanted)).toBe('lacks');
    expect(lostMariadbGtids(gtids(1), state, { serverId: '1', wsrepGtid: null })).toBe('');
    expect(findErrant(state, gtids(1), facts, [])?.text).toBe(gtids(2));
  });

  test('is explained by some of them', () => {
    const applied: Position = { kind: 'mariadb-gtid', text: gtids(9, 100), own: '', state: gtids(9, 100) };
    const wanted: Position = { kind: 'mariadb-gtid', text: gtids(1, 100), state: gtids(1, 100) };
    const why = whyOpen(applied, wanted);
    expect(why).toMatch(/in domain 0 .*; and so on for 95 more domains$/);
    expect(why?.length).toBeLessThan(2_000);
    const order = outOfOrder({ usesGtid: true, parallelWorkers: 2, parallelMode: 'optimistic' }, wanted);
    expect(order).toMatch(/the domains 0 and 1 and 2 and 3 and 4 and 95 more each/);
  });
});

test('a number of more digits than any is none, and is not reckoned with', () => {
  const long = '9'.repeat(1_000_000);
  expect(() => splitMariadbGtids(`0-1-${long}`)).toThrow(Unparsable);
  expect(() => parseMysqlGtidSet(`3e11fa47-71ca-11e1-9e33-c80aa9429562:1-${long}`)).toThrow(Unparsable);
});

describe('what a node says of its cluster', () => {
  test('is no view of it where it names more members than any has', () => {
    const incoming_addresses = Array.from({ length: 100_000 }, (_, i) => `10.0.0.1:${i + 1}`).join(',');
    expect(galeraSays({ incoming_addresses }).view).toBeNull();
    expect(galeraSays({ cluster_size: '3000000000' }).view).toBeNull();
  });

  test('is no number where it has more digits than any', () => {
    const long = '9'.repeat(400);
    const said = galeraSays({ flow_control_paused_ns: long, local_recv_queue: long, cluster_conf_id: long });
    expect(said).toMatchObject({ queue: null, view: null, flowControl: { pausedNs: 0n } });
    expect(galeraSays({ last_committed: long })).toMatchObject({ standing: 'no-quorum', position: null });
    expect(galeraSays({ local_state: '__proto__' }).standing).toBe('no-quorum');
  });

  test('is repeated as far as a sentence can', () => {
    const long = 'x'.repeat(100_000);
    const said = galeraSays({ cluster_state_uuid: long, cluster_status: long });
    expect(said.group.length).toBeLessThan(2_000);
    expect(said.outside?.length).toBeLessThan(2_000);
    const member = groupMember(
      [{ channel: 'group_replication_applier', state: long, group_name: long }],
      [],
      'u',
    );
    expect(member.group.length).toBeLessThan(2_000);
    expect(member.outside?.length).toBeLessThan(2_000);
  });
});
