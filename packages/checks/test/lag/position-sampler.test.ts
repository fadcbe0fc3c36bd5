import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { PositionSample } from '../../src/lag/position-sample.ts';
import { PositionSampler } from '../../src/lag/position-sampler.ts';
import { Mishaps } from '../../src/mishaps.ts';
import type { ServerFacts } from '../../src/server/sql-server.ts';
import { facts } from '../support/replication.ts';
import { ToldServer } from '../support/told-server.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const uuid = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';
const places = 'SHOW REPLICA STATUS';
const binlog = 'SHOW BINARY LOG STATUS';
const flight = 'gtid_owned';
const gtids = 'SELECT @@global.gtid_executed';

/** A sampler of a server that has come to a number; it looks when it is told to. */
function sampled(of: ServerFacts | null = facts('mysql')) {
  const time = { now: 0, slept: 0 };
  const told = new ToldServer('db1', of);
  const mishaps = new Mishaps();
  const sampler = new PositionSampler({
    server: told.server,
    intervalMs: 250,
    phaseMs: 0,
    timeoutMs: 2000,
    clock: { now: () => time.now, wall: () => new Date(time.now + time.slept) },
    mishaps,
  });
  const seen: (PositionSample | Error)[] = [];
  const forget = sampler.listen({ sample: (s) => seen.push(s), fault: (f) => seen.push(f) });
  told.says.set(gtids, [{ executed: `${uuid}:1-5` }]);
  told.says.set(binlog, [{ File: 'b.1', Position: 7 }]);
  const look = async (ms = 250) => {
    time.now += ms;
    sampler.hasten();
    await vi.advanceTimersByTimeAsync(0);
    return seen.at(-1)!;
  };
  const said = async (ms = 250) => (await look(ms)) as PositionSample;
  sampler.start();
  return { time, told, sampler, mishaps, seen, forget, look, said };
}

const statements = (told: ToldServer) => told.asked.at(-1)!.statements;

test('a look tells the position and its time, is the latest, and asks for nothing that nobody needs', async () => {
  const { told, sampler, said, time } = sampled();
  expect(sampler.latest).toBeNull();
  told.fails = () => void (time.now += 3);
  const sample = await said();
  expect(sample).toMatchObject({
    sentAt: 250,
    receivedAt: 253,
    gtid: { source: { text: `${uuid}:1-5` } },
    binlog: null,
    places: null,
    membership: null,
    inFlight: null,
  });
  expect(sampler.latest).toBe(sample);
  expect(sampler.fault).toBeNull();
  expect(statements(told)).toEqual(['SELECT @@global.gtid_executed AS executed, @@global.gtid_mode AS mode']);
  expect(told.asked.at(-1)!.options).toEqual({ lane: 'sampler', timeoutMs: 2000 });
});

test('who listens no more is told no more, others are, and one who fails at it fails alone', async () => {
  const { told, sampler, look, seen, forget, mishaps } = sampled();
  await look();
  const others: unknown[] = [];
  sampler.listen({
    sample: () => {
      throw new Error('not I');
    },
    fault: () => undefined,
  });
  sampler.listen({ sample: (sample) => others.push(sample), fault: () => undefined });
  forget();
  await look();
  expect([seen.length, others.length]).toEqual([1, 1]);
  const what = { what: 'sampling positions', words: 'not I', struck: { server: 'db1' } };
  expect(mishaps.recent()).toMatchObject([what]);
  sampler.stop();
  const asked = told.asked.length;
  await vi.advanceTimersByTimeAsync(1000);
  expect([others.length, told.asked.length]).toEqual([1, asked]);
});

test('a sampler that was stopped tells nothing of a look that was under way', async () => {
  const { told, sampler, look, seen, mishaps } = sampled();
  let goOn = () => undefined as void;
  told.fails = () => new Promise<void>((resolve) => (goOn = resolve));
  await look();
  sampler.stop();
  goOn();
  await look();
  expect(seen).toEqual([]);
  expect(mishaps.recent()).toEqual([]);
});

test('it looks again and again by itself', async () => {
  const { look, seen } = sampled();
  await look();
  await vi.advanceTimersByTimeAsync(250);
  expect(seen).toHaveLength(2);
});

test('a server that was never reached is asked nothing, and its own reason is the fault', async () => {
  const { told, sampler, look } = sampled(null);
  told.evidence = 'connection refused';
  expect(await look()).toMatchObject({ kind: 'connection', message: 'connection refused' });
  expect(sampler.fault).toMatchObject({ message: 'connection refused' });
  expect(told.asked).toEqual([]);
  told.facts = facts('mysql');
  await look();
  expect(sampler.fault).toBeNull();
});

test('what the server answers with is the fault: its own, an unreadable position, no row', async () => {
  const { told, look, mishaps } = sampled();
  const fault = told.fault('timeout', 'no answer');
  told.says.set(gtids, fault);
  expect(await look()).toBe(fault);
  told.says.set(gtids, [{ executed: 'nonsense' }]);
  expect(await look()).toMatchObject({
    kind: 'statement',
    message: expect.stringMatching(/^what db1 printed is /) as string,
  });
  told.says.set(gtids, []);
  expect(await look()).toMatchObject({ kind: 'statement', message: 'db1 answered without a row' });
  expect(mishaps.recent()).toEqual([]);
});

test('an error that nobody expected is a mishap, and the fault as well', async () => {
  const { told, look, mishaps } = sampled();
  const error = new TypeError('what is this');
  told.fails = () => {
    throw error;
  };
  expect(await look()).toBe(error);
  told.fails = () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- whatever it is
    throw 'a text';
  };
  expect(await look()).toEqual(new Error('a text'));
  expect(mishaps.recent()).toMatchObject([
    { what: 'sampling positions', words: 'a text', times: 2, struck: { server: 'db1' } },
  ]);
});

test('a look over which another server came is none, and what was seen of the one before is not the latest', async () => {
  const { told, sampler, look } = sampled();
  await look();
  const another = facts('mysql', { identity: 'u8', instance: { server_uuid: 'u8' } });
  told.fails = () => void (told.facts = another);
  expect(await look()).toMatchObject({
    message: 'db1: another server answered at this address meanwhile',
  });
  expect(sampler.latest).toBeNull();
  told.fails = null;
  expect(await look()).toBe(sampler.latest);
});

test('what is in flight is asked for before the position, as long as somebody suspects it', async () => {
  const { told, sampler, said } = sampled();
  sampler.suspects.add({});
  told.says.set(flight, [{ owned: `${uuid}:7#12` }]);
  expect((await said()).inFlight).toBe(`${uuid}:7`);
  expect(statements(told)[0]).toContain(flight);
  told.says.set(flight, []);
  expect((await said()).inFlight).toBe('');
  sampler.suspects.clear();
  expect((await said()).inFlight).toBeNull();
  expect(statements(told)).toHaveLength(1);
});

test('the place in the binlog is asked for once a second, and stays meanwhile with the time of its look', async () => {
  const { told, sampler, said } = sampled();
  sampler.binlogFor.add({});
  const first = await said();
  expect(first.binlog).toMatchObject({ position: { text: 'b.1:7' }, sentAt: 250, receivedAt: 250 });
  expect(statements(told)[1]).toBe(binlog);
  told.says.set(binlog, [{ File: 'b.1', Position: 9 }]);
  for (let look = 0; look < 3; look++) expect((await said()).binlog).toBe(first.binlog);
  expect((await said()).binlog).toMatchObject({ position: { text: 'b.1:9' }, sentAt: 1250 });
  expect(told.there).toEqual(['binlog position', 'binlog position']);
  expect(sampler.binlogPauseMs).toBe(1000);
  sampler.binlogFor.clear();
  await said(1000);
  expect(statements(told)).toHaveLength(1);
});

test('a server that is slow to tell its place is asked less often', async () => {
  const { told, sampler, said, time } = sampled();
  await said();
  sampler.binlogFor.add({});
  told.fails = () => void (time.now += 100);
  await said();
  expect(sampler.binlogPauseMs).toBe(2000);
});

test('without the privilege for its place that is reported, and without a binlog there is none', async () => {
  const { told, sampler, said, look } = sampled();
  sampler.binlogFor.add({});
  told.says.set(binlog, told.fault('privilege'));
  expect((await said()).binlog).toBeNull();
  expect(told.missing).toEqual(['binlog position: REPLICATION CLIENT ON *.*']);
  expect(told.there).toEqual([]);
  told.says.set(binlog, []);
  expect((await said(1000)).binlog).toBeNull();
  expect(told.there).toEqual(['binlog position']);
  const fault = told.fault('statement');
  told.says.set(binlog, fault);
  expect(await look(1000)).toBe(fault);
});

test('of another server’s binlog nothing is kept, of one that was only connected to anew it is', async () => {
  const { told, sampler, said } = sampled();
  sampler.binlogFor.add({});
  const first = await said();
  told.facts = facts('mysql');
  expect((await said()).binlog).toBe(first.binlog);
  told.facts = facts('mysql', { instance: {} });
  const another = await said();
  expect(another.binlog).toMatchObject({ sentAt: 750 });
  // The connection is the same, whatever the server does not say of itself.
  expect((await said()).binlog).toBe(another.binlog);
});

test('places are told by channel, and one that has none is left out', async () => {
  const { told, sampler, said, look } = sampled();
  sampler.placesFor.add({});
  told.says.set(places, [
    { Channel_Name: 'x', Relay_Source_Log_File: 'b.2', Exec_Source_Log_Pos: 4 },
    { Channel_Name: 'y', Relay_Source_Log_File: '', Exec_Source_Log_Pos: 0 },
  ]);
  const { places: read } = await said();
  expect([...read!]).toEqual([['x', { kind: 'file', text: 'b.2:4', file: 'b.2', offset: 4 }]]);
  told.says.set(places, told.fault('privilege'));
  expect((await said()).places).toBeNull();
  const fault = told.fault('timeout');
  told.says.set(places, fault);
  expect(await look()).toBe(fault);
});

test('a member is asked for its cluster, and of a group for the others as well', async () => {
  const { told, said } = sampled(facts('mysql', { cluster: 'group-replication', uuid }));
  told.says.set('FROM performance_schema.replication_group_members', [
    { id: uuid, host: 'db1', port: 3306, state: 'ONLINE', role: 'PRIMARY', view: '1:2', queue: 0 },
  ]);
  told.says.set('FROM performance_schema.replication_connection_status', [
    { channel: 'group_replication_applier', group_name: 'g', state: 'ON', executed: '', received: '' },
  ]);
  expect((await said()).membership).toMatchObject({ group: 'g', standing: 'in', role: 'primary' });
  expect(statements(told)).toHaveLength(3);
  expect(statements(told)[1]).toContain('replication_group_members');
});

test('a look across which the machine was suspended counts for none, nor does a place that was read before', async () => {
  const { told, sampler, time, look, said, mishaps } = sampled();
  sampler.binlogFor.add({});
  const { binlog: before } = await said();
  told.fails = () => void (time.slept += 60_000);
  expect(await look()).toMatchObject({
    message: 'the clock stood still while db1 was asked: the machine was suspended',
  });
  expect(mishaps.recent()).toHaveLength(1);
  told.fails = null;
  const { binlog: after } = await said();
  expect(after).toMatchObject({ sentAt: 750 });
  expect(before).toMatchObject({ sentAt: 250 });
  time.slept += 60_000;
  expect((await said()).binlog).toMatchObject({ sentAt: 1000 });
});
