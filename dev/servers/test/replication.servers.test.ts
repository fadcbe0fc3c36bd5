import { describe, expect, test } from 'vitest';
import {
  caughtUp,
  forgetSource,
  pausingProxy,
  replicaStatus,
  replicate,
  startPair,
  startReplica,
  startServer,
  stopReplica,
} from '../src/index.ts';
import { flavours } from '../src/vitest/index.ts';

describe.each(flavours)('on %s', (flavour) => {
  test('a pair replicates by binlog file and offset where there is no GTID', async () => {
    await using pair = await startPair({ flavour, gtid: false });
    await pair.source.query('CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY)');
    await pair.source.query('INSERT INTO d.t VALUES (7)');
    await caughtUp(pair.source, pair.target);
    expect(await pair.target.query('SELECT id FROM d.t')).toEqual([{ id: 7 }]);
    const { raw } = await replicaStatus(pair.target);
    expect(raw['Using_Gtid'] ?? raw['Auto_Position']).toBeOneOf(['No', 0]);
  });

  test('a delayed replica says so', async () => {
    await using pair = await startPair({ flavour, delaySeconds: 600 });
    const { raw } = await replicaStatus(pair.target);
    expect(raw['SQL_Delay']).toBe(600);
    await pair.source.query('CREATE DATABASE d');
    await expect(caughtUp(pair.source, pair.target, 1)).rejects.toThrow(/did not catch up/);
  });

  test('threads stop and start one by one, on a channel of their own too', async () => {
    await using source = await startServer({ flavour });
    await using target = await startServer({ flavour });
    await replicate(target, source, { channel: 'second' });
    await stopReplica(target, 'sql', 'second');
    expect(await replicaStatus(target, 'second')).toMatchObject({ receiver: 'Yes', applier: 'No' });
    await startReplica(target, 'sql', 'second');
    await stopReplica(target, 'io', 'second');
    expect(await replicaStatus(target, 'second')).toMatchObject({ receiver: 'No', applier: 'Yes' });
    await forgetSource(target, 'second');
    expect(
      await target.query(flavour === 'mysql' ? 'SHOW REPLICA STATUS' : 'SHOW ALL SLAVES STATUS'),
    ).toEqual([]);
  });

  test('a paused proxy stalls replication without breaking it', async () => {
    await using source = await startServer({ flavour });
    await using target = await startServer({ flavour });
    const proxy = await pausingProxy(source.port);
    try {
      await replicate(target, source, { port: proxy.port });
      proxy.pause();
      await source.query('CREATE DATABASE d');
      await expect(caughtUp(source, target, 1)).rejects.toThrow(/did not catch up/);
      expect(await replicaStatus(target)).toMatchObject({ receiver: 'Yes', applier: 'Yes' });
      proxy.resume();
      await caughtUp(source, target);
    } finally {
      await proxy.close();
    }
  });
});
