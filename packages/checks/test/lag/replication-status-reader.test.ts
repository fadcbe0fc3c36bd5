import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ReplicationStatusReader, type StatusReading } from '../../src/lag/replication-status-reader.ts';
import { Mishaps } from '../../src/mishaps.ts';
import type { ServerFacts } from '../../src/server/sql-server.ts';
import { facts } from '../support/replication.ts';
import { ToldServer } from '../support/told-server.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const status = 'SHOW REPLICA STATUS';
const receiver = 'replication_connection_status';
const workers = 'replication_applier_status_by_worker';
const mariadb = 'SHOW ALL SLAVES STATUS';
const row = { Channel_Name: '', Source_Host: 'db1', Last_SQL_Errno: '1062', Last_SQL_Error: "entry '7'" };
const at = new Date('2026-01-02T03:04:05Z');

/** A reader of a target's status, once a second. */
function read(of: ServerFacts | null = facts('mysql'), hidesValues = false) {
  const told = new ToldServer('db2', of);
  const mishaps = new Mishaps();
  const readings: StatusReading[] = [];
  let now = 0;
  const reader = new ReplicationStatusReader({
    server: told.server,
    intervalMs: 1000,
    phaseMs: 0,
    hidesValues,
    clock: { now: () => now, wall: () => at },
    mishaps,
    onReading: (reading) => readings.push(reading),
  });
  reader.start();
  /** The next tick, at which the reader may leave the server alone. */
  const tick = async () => {
    const ticks = readings.length;
    await vi.advanceTimersToNextTimerAsync();
    now += 1000;
    return readings.length > ticks ? readings.at(-1)! : null;
  };
  /** Asks now, whatever was to be left out. */
  const look = async () => {
    reader.hasten();
    return (await tick())!;
  };
  const questions = () => told.asked.map(({ statements }) => statements.map(short));
  return { told, reader, readings, mishaps, tick, look, questions };
}

const short = (sql: string) =>
  [receiver, workers, 'parallel_threads'].find((part) => sql.includes(part)) ?? sql;

test('no replica is read every other time, since who answered without a row takes a question more', async () => {
  const { tick, readings, told, questions } = read();
  expect(await tick()).toEqual({ at, channels: [], fault: null });
  expect(await tick()).toBeNull();
  expect(await tick()).not.toBeNull();
  expect(readings).toHaveLength(2);
  expect(questions()).toEqual([[status], [status]]);
  expect(told.asked[0]!.options).toEqual({ lane: 'status' });
  expect(told.there).toEqual(['replication status', 'replication status']);
});

test('somebody who waits has it read at once, though it would have been left out', async () => {
  const { look, reader, readings } = read();
  await look();
  reader.hasten();
  await vi.advanceTimersByTimeAsync(0);
  expect(readings).toHaveLength(2);
});

test('of a MySQL replica the details are asked for behind the status at first, then all in one', async () => {
  const { told, tick, questions } = read();
  told.says.set(status, [row]);
  told.says.set(workers, [{ CHANNEL_NAME: '', WORKER_ID: '1', LAST_ERROR_NUMBER: 0 }]);
  told.says.set(receiver, [{ CHANNEL_NAME: '', LAST_ERROR_NUMBER: 0 }]);
  const first = await tick();
  expect(first).toMatchObject({ fault: null, channels: [{ sourceHost: 'db1', parallelWorkers: 1 }] });
  expect((await tick())?.channels).toEqual(first?.channels);
  expect(questions()).toEqual([[status], [receiver, workers], [receiver, workers, status]]);
  expect(told.missing).toEqual([]);
  expect(told.there.slice(0, 3)).toEqual(['replication status', 'receiver details', 'applier workers']);
});

test('the receiver’s error comes with its time, and only of its own channel', async () => {
  const { told, look } = read();
  const failing = { ...row, Last_IO_Errno: '2003', Last_IO_Error: 'cannot connect' };
  told.says.set(status, [failing, { ...failing, Channel_Name: 'x' }]);
  const error = {
    LAST_ERROR_NUMBER: 2003,
    LAST_ERROR_MESSAGE: 'no',
    LAST_ERROR_TIMESTAMP: '2026-01-01 00:00:00',
  };
  told.says.set(receiver, [{ CHANNEL_NAME: 'x', ...error }]);
  const { channels } = await look();
  expect(channels?.map(({ receiverError }) => receiverError?.at)).toEqual([
    null,
    new Date('2026-01-01T00:00:00Z'),
  ]);
});

test('what was refused is asked for last, and every other time only, until it is granted', async () => {
  const { told, look, questions } = read();
  told.says.set(status, [row]);
  told.says.set(workers, told.fault('privilege'));
  expect((await look()).channels).toMatchObject([{ parallelWorkers: null }]);
  expect(told.missing).toEqual([`applier workers: SELECT ON performance_schema.${workers}`]);
  await look();
  await look();
  told.says.set(workers, []);
  expect((await look()).channels).toMatchObject([{ parallelWorkers: null }]);
  expect((await look()).channels).toMatchObject([{ parallelWorkers: 0 }]);
  await look();
  expect(questions().slice(2)).toEqual([
    [receiver, status],
    [receiver, status, workers],
    [receiver, status],
    [receiver, status, workers],
    [receiver, workers, status],
  ]);
});

test('a detail that fails otherwise is the fault of the whole reading', async () => {
  const { told, look, readings } = read();
  told.says.set(status, [row]);
  const fault = told.fault('timeout');
  told.says.set(receiver, fault);
  await look();
  expect(readings).toEqual([{ at, channels: null, fault }]);
});

test('a replica that is none any more is asked for its status alone again', async () => {
  const { told, look, questions } = read();
  told.says.set(status, [row]);
  await look();
  told.says.set(status, []);
  expect((await look()).channels).toEqual([]);
  await look();
  expect(questions().slice(2)).toEqual([[receiver, workers, status], [status]]);
});

test('after a reading that failed the status is asked for alone, as at first', async () => {
  const { told, look, questions } = read();
  told.says.set(status, [row]);
  await look();
  told.says.set(status, told.fault('timeout'));
  await look();
  await look();
  expect(questions().slice(2)).toEqual([[receiver, workers, status], [status]]);
});

test('a status that may not be read is told as a privilege, and the next look is left out; not so of other faults', async () => {
  const { told, tick } = read();
  const fault = told.fault('privilege');
  told.says.set(status, fault);
  expect(await tick()).toEqual({ at, channels: null, fault });
  expect(told.missing).toEqual(['replication status: REPLICATION CLIENT ON *.*']);
  expect(await tick()).toBeNull();
  told.says.set(status, told.fault('timeout'));
  expect(await tick()).not.toBeNull();
  expect(await tick()).not.toBeNull();
});

test('MariaDB tells all in one question, and how many threads apply in parallel', async () => {
  const { told, look, questions } = read(facts('mariadb'));
  told.says.set(mariadb, [{ Connection_name: 'a' }, { Connection_name: 'b' }]);
  told.says.set('parallel_threads', [{ workers: 4 }]);
  expect((await look()).channels).toMatchObject([
    { name: 'a', parallelWorkers: 4 },
    { name: 'b', parallelWorkers: 4 },
  ]);
  const fault = told.fault('timeout');
  told.says.set('parallel_threads', fault);
  expect(await look()).toMatchObject({ channels: null, fault });
  expect(questions()).toEqual(Array(2).fill(['parallel_threads', mariadb]));
});

test('a server that was not reached is asked nothing, and its own reason is the fault', async () => {
  const { told, look } = read(null);
  told.evidence = 'connection refused';
  expect(await look()).toMatchObject({
    channels: null,
    fault: { kind: 'connection', server: 'db2', message: 'connection refused' },
  });
  expect(told.asked).toEqual([]);
});

test('a reading over which another server came is none', async () => {
  const { told, look } = read();
  told.fails = () => void (told.facts = facts('mysql', { identity: 'another' }));
  expect(await look()).toMatchObject({ channels: null, fault: { kind: 'connection' } });
});

test('an error that nobody expected is a mishap, and told as a fault; a foreseen one is no mishap', async () => {
  const { told, look, mishaps } = read();
  told.says.set(status, told.fault('timeout'));
  await look();
  expect(mishaps.recent()).toEqual([]);
  told.fails = () => {
    throw new TypeError('what is this');
  };
  expect(await look()).toMatchObject({
    channels: null,
    fault: { kind: 'statement', server: 'db2', message: 'TypeError: what is this' },
  });
  expect(mishaps.recent()).toMatchObject([
    { what: 'reading the replication status', words: 'what is this', struck: { server: 'db2' } },
  ]);
});

test('who fails at what is read is a mishap, and it is read on', async () => {
  const { tick, readings, mishaps, told } = read();
  told.says.set(status, [row]);
  readings.push = () => {
    throw new Error('not I');
  };
  await tick();
  await tick();
  expect(mishaps.recent()).toMatchObject([
    { what: 'reading the replication status', words: 'not I', times: 2 },
  ]);
});

test('once stopped, nothing is told, not even of a reading that was under way', async () => {
  const { told, reader, readings } = read();
  let goOn = () => undefined as void;
  told.fails = () => new Promise<void>((resolve) => (goOn = resolve));
  await vi.advanceTimersToNextTimerAsync();
  reader.stop();
  goOn();
  await vi.advanceTimersByTimeAsync(5000);
  expect(readings).toEqual([]);
  expect(told.asked).toHaveLength(1);
});

test('where a column is masked the applier’s error is told without values', async () => {
  const error = async (hides: boolean) => {
    const { told, look } = read(facts('mysql'), hides);
    told.says.set(status, [{ ...row, Last_SQL_Error: "Duplicate entry 'secret' for key 'k'" }]);
    return (await look()).channels![0]!.applierError?.message;
  };
  expect(await error(false)).toContain('secret');
  expect(await error(true)).not.toContain('secret');
});

test('an Aurora server tells of its cluster, or does not, which costs nothing else', async () => {
  const { told, look } = read(facts('mysql', { aurora: { version: '3', reader: true } }));
  told.says.set('replica_host_status', [{ instance: 'i', lagMs: 7, told: 'then' }]);
  expect((await look()).aurora).toEqual([{ instance: 'i', lagMs: 7, toldAt: 'then' }]);
  told.says.set('replica_host_status', told.fault('privilege'));
  expect(await look()).toMatchObject({ aurora: [], channels: [] });
  expect(await read().look()).not.toHaveProperty('aurora');
});
