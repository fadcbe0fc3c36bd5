import { syncBuiltinESMExports } from 'node:module';
import { performance } from 'node:perf_hooks';
import timers from 'node:timers/promises';
import { patienceMs } from '@lockstep/servers/patience';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { ReplicationRoute } from '../../../src/position/replication-route.ts';
import { binlogEnd, executed, gtids, place, route } from '../../support/servers-that-answer.ts';
import { a, at, b, between, quickly, signal } from './between.ts';

test('a position is the source’s own and the target’s applied one, by the way that the pair is compared', async () => {
  const by = between({ gtid_executed: executed(`${a}:1-5`) }, { gtid_executed: executed(`${a}:1-4`) });
  expect(await by.barrier.sourcePosition(signal)).toEqual(at(`${a}:1-5`));
  expect(await by.barrier.targetPosition(signal)).toEqual(at(`${a}:1-4`));
  const applied = {
    'SHOW REPLICA STATUS': [{ Channel_Name: 'x', Relay_Source_Log_File: 'b.000001', Exec_Source_Log_Pos: 9 }],
  };
  const file = between(
    { 'SHOW BINARY LOG STATUS': binlogEnd(12) },
    applied,
    route({ kind: 'file', channel: 'x' }),
  );
  expect(await file.barrier.sourcePosition(signal)).toEqual(place(12));
  expect(await file.barrier.targetPosition(signal)).toEqual(place(9));
});

test('where positions cannot be compared nobody is asked for them', async () => {
  const { barrier, source, target } = between({}, {}, route({ kind: null }));
  expect(await barrier.sourcePosition(signal)).toBeNull();
  expect(await barrier.targetPosition(signal)).toBeNull();
  expect([...source.asked, ...target.asked]).toEqual([]);
});

test('what is not proved, what is one storage and what is left out are the route’s words, and nothing without one', () => {
  const by = route({
    unproved: 'behind a relay',
    sameStorage: 'one cluster',
    leavesOut: ({ table }) => (table === 't' ? 'a filter' : null),
  });
  const { barrier, goes } = between({}, {}, by);
  const said = () => [
    barrier.unproved,
    barrier.sameStorage,
    barrier.leavesOut({ schema: 's', table: 't' }),
    barrier.leavesOut({ schema: 's', table: 'u' }),
  ];
  expect(said()).toEqual(['behind a relay', 'one cluster', 'a filter', null]);
  goes(route());
  expect(said()).toEqual([null, null, null, null]);
  goes(null);
  expect(said()).toEqual([null, null, null, null]);
});

test('while the replication status is not known nothing can be waited for', async () => {
  const { barrier } = between({}, {}, null);
  const why = 'the replication status of b is not known';
  await expect(barrier.sourcePosition(signal)).rejects.toThrow(why);
  await expect(barrier.targetPosition(signal)).rejects.toThrow(why);
  await expect(barrier.untilTargetHas(at(`${a}:1`), signal)).rejects.toThrow(why);
});

test('several who want the source’s position at once ask once', async () => {
  const { barrier, source } = between({ gtid_executed: executed(`${a}:1-5`) }, {});
  const all = await Promise.all([1, 2, 3].map(() => barrier.sourcePosition(signal)));
  expect(new Set(all.map((position) => position?.text))).toEqual(new Set([`${a}:1-5`]));
  expect(source.asked.length).toBeLessThan(3);
});

test('a target is asked until it has what it is waited for, and only for what it will ever get', async () => {
  const climbing = (count: number) => executed(`${a}:1-${count + 1}`);
  const { barrier, target } = between({}, { gtid_executed: climbing }, route(), { waitMs: patienceMs });
  await barrier.untilTargetHas(at(`${a}:1-3`), signal);
  expect(target.asked).toHaveLength(3);
  const part = route({ replicated: () => at(`${a}:1-2`) });
  const filtered = between({}, { gtid_executed: executed(`${a}:1-2`) }, part);
  await filtered.barrier.untilTargetHas(at(`${a}:1-2,${b}:1-9`), signal);
});

test('a target that does not come says within what time it did not, and why, as far as that is known', async () => {
  const stuck = { gtid_executed: executed(`${a}:1-2`) };
  const { barrier, goes } = between({}, stuck, route(), { waitMs: 510 });
  const wait = () => barrier.untilTargetHas(at(`${a}:1-5`), signal);
  await expect(wait()).rejects.toThrow(/^b did not apply the source's position 3e11fa47-.*:1-5 within 1 s$/);
  goes(route({ stopped: 'the applier is stopped' }));
  await expect(wait()).rejects.toThrow(/within 1 s: the applier is stopped$/);
  const { barrier: domains } = between(
    {},
    { gtid_slave_pos: gtids('', '0-1-9,1-1-2') },
    route({ kind: 'mariadb-gtid' }),
    { flavour: 'mariadb' },
  );
  const wanted = { kind: 'mariadb-gtid', text: '0-1-9,1-1-4' } as const;
  await expect(domains.untilTargetHas(wanted, signal)).rejects.toThrow('in domain 1 it is at 1-1-2');
});

test('a target without a channel any more does not come, and nothing more is said', async () => {
  const gone = { 'SHOW REPLICA STATUS': [] };
  const { barrier } = between({}, gone, route({ kind: 'file' }));
  await expect(barrier.untilTargetHas(place(12), signal)).rejects.toThrow(
    "b did not apply the source's position b.000001:12 within 0 s",
  );
});

test('an intended delay is waited for on top', async () => {
  const late = (count: number) => executed(count < 4 ? `${a}:1` : `${a}:1-5`);
  const delayed = between({}, { gtid_executed: late }, route({ intendedDelayMs: 60_000 }), { waitMs: 0 });
  await delayed.barrier.untilTargetHas(at(`${a}:1-5`), signal);
  expect(delayed.target.asked.length).toBeGreaterThan(3);
});

test('a target that was waited for in vain is waited for a second only, until it moves', async () => {
  const time = quickly();
  let reached = 2;
  const { barrier } = between({}, { gtid_executed: () => executed(`${a}:1-${reached}`) }, route(), {
    waitMs: 8_000,
  });
  const tookMs = async () => {
    const began = time.passed();
    await expect(barrier.untilTargetHas(at(`${a}:1-5`), signal)).rejects.toThrow('did not apply');
    return time.passed() - began;
  };
  expect(await tookMs()).toBeGreaterThanOrEqual(8_000);
  expect(await tookMs()).toBeLessThan(4_000);
  expect(await tookMs()).toBeLessThan(4_000);
  reached = 3;
  await tookMs();
  reached = 5;
  await barrier.untilTargetHas(at(`${a}:1-5`), signal);
  reached = 4;
  expect(await tookMs()).toBeGreaterThanOrEqual(8_000);
});

test('without a position it is waited for as long as a change needs at most', async () => {
  const sleeps: (number | undefined)[] = [];
  const real = timers.setTimeout;
  timers.setTimeout = ((ms?: number) => {
    sleeps.push(ms);
    return Promise.resolve();
  }) as typeof real;
  syncBuiltinESMExports();
  onTestFinished(() => {
    timers.setTimeout = real;
    syncBuiltinESMExports();
  });
  const waits = async (by: ReplicationRoute | null) => {
    sleeps.length = 0;
    await between({}, {}, by, { waitMs: 1000 }).barrier.untilTargetHas(null, signal);
    return sleeps[0];
  };
  expect(await waits(null)).toBe(7);
  expect(await waits(route({ kind: null, intendedDelayMs: 100, serverLagMs: 50 }))).toBe(7);
  const relay = { kind: null, unproved: 'behind a relay' };
  expect(await waits(route({ ...relay, intendedDelayMs: 100, serverLagMs: 50 }))).toBe(157);
  expect(await waits(route({ ...relay, serverLagMs: 5_000 }))).toBe(1007);
  expect(await waits(route(relay))).toBe(7);
});

test('where it cannot be told by the two what the target has, the source is asked once more', async () => {
  const source = { gtid_binlog_pos: gtids('0-1-9', '', '0-1-9,0-7-12') };
  const target = { gtid_slave_pos: gtids('', '0-7-12', '') };
  const { barrier, source: asked } = between(source, target, route({ kind: 'mariadb-gtid' }), {
    flavour: 'mariadb',
    waitMs: 20,
  });
  const wanted = { kind: 'mariadb-gtid', text: '0-1-9', state: '0-1-9' } as const;
  await barrier.untilTargetHas(wanted, signal);
  expect(asked.asked).toHaveLength(1);
  const foreign = between({ gtid_binlog_pos: gtids('0-1-9') }, target, route({ kind: 'mariadb-gtid' }), {
    flavour: 'mariadb',
    waitMs: 20,
  });
  await expect(foreign.barrier.untilTargetHas(wanted, signal)).rejects.toThrow('did not apply');
});

/** Time that passes by being looked at, a millisecond each time. */
function byLooks() {
  let ms = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => ms++);
  onTestFinished(() => clock.mockRestore());
  return { passed: () => ms };
}

test('many who wait for the target look together, and one who waits alone looks each time', async () => {
  const time = byLooks();
  const upTo = { many: 3, alone: 6 };
  let last = upTo.many;
  const climbing = (count: number) => executed(`${a}:1-${Math.min(last, count + 1)}`);
  const { barrier, target } = between({}, { gtid_executed: climbing }, route(), { waitMs: 100_000 });
  await Promise.all(
    Array.from({ length: 20 }, () => barrier.untilTargetHas(at(`${a}:1-${upTo.many}`), signal)),
  );
  expect(target.asked.length).toBeLessThan(8);
  const [asked, began] = [target.asked.length, time.passed()];
  last = asked + 3;
  await barrier.untilTargetHas(at(`${a}:1-${last}`), signal);
  expect(target.asked).toHaveLength(asked + 3);
  expect(time.passed() - began).toBeLessThan(10);
});

test('who comes while another waits in vain waits as shortly, and as long as ever if the target moves', async () => {
  const time = quickly();
  let reached = 2;
  let onLook: () => void = () => undefined;
  const look = () => {
    onLook();
    return executed(`${a}:1-${reached}`);
  };
  const { barrier } = between({}, { gtid_executed: look }, route(), { waitMs: 8_000 });
  const wait = () => barrier.untilTargetHas(at(`${a}:1-5`), signal);
  /** One waits in vain; how long another does who comes when it has looked. */
  const together = async () => {
    const second = new Promise<number>((resolve, reject) => {
      onLook = () => {
        onLook = () => undefined;
        setImmediate(() => {
          const began = time.passed();
          wait().then(
            () => reject(new Error('it came')),
            () => resolve(time.passed() - began),
          );
        });
      };
    });
    await expect(wait()).rejects.toThrow('did not apply');
    return await second;
  };
  await expect(wait()).rejects.toThrow('did not apply');
  expect(await together()).toBeLessThan(4_000);
  reached = 3;
  expect(await together()).toBeGreaterThanOrEqual(8_000);
});

test('a target that was to be late on purpose is said not to have come within that time as well', async () => {
  const stuck = { gtid_executed: executed(`${a}:1-2`) };
  const { barrier } = between({}, stuck, route({ intendedDelayMs: 500 }), { waitMs: 600 });
  await expect(barrier.untilTargetHas(at(`${a}:1-5`), signal)).rejects.toThrow(/within 1 s$/);
});

test('where a source does not tell any more whose history it is of, what cannot be told did not come', async () => {
  const target = { gtid_slave_pos: gtids('', '0-7-12', '') };
  const { barrier } = between({ gtid_binlog_pos: [] }, target, route({ kind: 'mariadb-gtid' }), {
    flavour: 'mariadb',
    waitMs: 20,
  });
  const wanted = { kind: 'mariadb-gtid', text: '0-1-9', state: '0-1-9' } as const;
  await expect(barrier.untilTargetHas(wanted, signal)).rejects.toThrow('did not apply');
});
